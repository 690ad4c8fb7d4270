import { createRoot } from "react-dom/client";
import { auth } from "./auth.ts";
import { SignIn } from "./sign-in.tsx";
import "./style.css";
import { Workspace } from "./workspace.tsx";

/** The workspace of whoever is signed in; else a form to sign in. */
function App() {
  const { data, isPending } = auth.useSession();
  if (isPending) return null;
  return data ? <Workspace user={data.user} /> : <SignIn />;
}

createRoot(document.getElementById("root")!).render(<App />);
