import { CopilotChat, useDefaultRenderTool, useInterrupt } from "@copilotkit/react-core/v2";
import "@copilotkit/react-core/v2/styles.css";
import { Approvals } from "./approvals.tsx";

/** The chat. It shows which tools the assistant uses, and asks before one that destroys. */
export function Assistant({ organization }: { organization: string }) {
  useDefaultRenderTool();
  useInterrupt({
    render: ({ interrupts, resolve }) => (
      <Approvals interrupts={interrupts} decide={(id, approve) => void resolve({ approve }, id)} />
    ),
  });

  const labels = { welcomeMessageText: `What shall I do in ${organization}?`, chatInputPlaceholder: "Make a dashboard called Sales" };
  return (
    <aside>
      <CopilotChat labels={labels} />
    </aside>
  );
}
