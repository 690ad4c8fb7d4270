import type { Interrupt } from "@copilotkit/react-core/v2";
import { useState } from "react";
import { useDashboards } from "./dashboards.tsx";

/**
 * What the assistant asks before it goes on. An interrupt's id is that of an approval, which only this person can give, with
 * his session. The run goes on once all are decided.
 */
export function Approvals({ interrupts, decide }: { interrupts: Interrupt[]; decide: (id: string, approve: boolean) => void }) {
  const [decided, setDecided] = useState<Record<string, boolean>>({});
  const dashboards = useDashboards() ?? [];

  const buttons = (id: string) => (
    <div className="decision">
      {[true, false].map((approve) => (
        <button
          key={String(approve)}
          type="button"
          className={approve ? "control primary" : "control"}
          disabled={id in decided}
          onClick={() => {
            setDecided({ ...decided, [id]: approve });
            decide(id, approve);
          }}
        >
          {approve ? "Approve" : "Refuse"}
        </button>
      ))}
    </div>
  );

  return interrupts.map(({ id, message = "" }) => (
    <section key={id} className="card approval" aria-label="Approval">
      <p>{message}</p>
      {dashboards
        .filter((dashboard) => message.includes(dashboard.id))
        .map((dashboard) => (
          <p key={dashboard.id}>
            That is the dashboard <strong>{dashboard.name}</strong>.
          </p>
        ))}
      {buttons(id)}
    </section>
  ));
}
