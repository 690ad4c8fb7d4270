import { useAgent } from "@copilotkit/react-core/v2";
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";

interface Dashboard {
  id: string;
  name: string;
  createdAt: string;
}

const Dashboards = createContext<Dashboard[] | undefined>(undefined);

/** The organization's newest dashboards, once they are known: which organization, the session says. */
export const useDashboards = () => useContext(Dashboards);

/** Asks for them over REST: at first, and again whenever the assistant has used a tool. */
export function DashboardsProvider({ children }: { children: ReactNode }) {
  const { agent } = useAgent({ updates: [] });
  const [dashboards, setDashboards] = useState<Dashboard[]>();

  useEffect(() => {
    const refresh = async () => {
      const response = await fetch("/api/dashboards");
      if (response.ok) setDashboards((await response.json()).items);
    };
    void refresh();
    const { unsubscribe } = agent.subscribe({ onToolCallResultEvent: () => void refresh() });
    return unsubscribe;
  }, [agent]);

  return <Dashboards value={dashboards}>{children}</Dashboards>;
}

export function DashboardList() {
  const dashboards = useDashboards();
  return (
    <main>
      <h1 className="title">Dashboards</h1>
      {dashboards?.length === 0 && <p className="quiet">There are none yet. Ask for one.</p>}
      <ul>
        {dashboards?.map(({ id, name, createdAt }) => (
          <li key={id} className="card">
            {name}
            <time dateTime={createdAt}>{new Date(createdAt).toLocaleString()}</time>
          </li>
        ))}
      </ul>
    </main>
  );
}
