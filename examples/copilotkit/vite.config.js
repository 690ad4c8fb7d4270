// The page and Orgscope have one origin: what goes to /api is handed on to ORGSCOPE_URL. So the session's cookie is the page's
// own, and Orgscope need not be told of another origin.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const { ORGSCOPE_URL = "http://localhost:8787" } = process.env;
const proxy = { "/api": { target: ORGSCOPE_URL } };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  // Most of it is CopilotKit's, which loads what draws diagrams and code only where an answer has some.
  build: { chunkSizeWarningLimit: 4000 },
});
