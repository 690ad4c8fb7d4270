import { CopilotKitProvider } from "@copilotkit/react-core/v2";
import { Assistant } from "./assistant.tsx";
import { auth } from "./auth.ts";
import { DashboardList, DashboardsProvider } from "./dashboards.tsx";

/** The dashboards of the active organization, and an assistant that acts in it. */
export function Workspace({ user }: { user: { name: string } }) {
  const { data: organizations } = auth.useListOrganizations();
  const { data: active, isPending } = auth.useActiveOrganization();
  if (isPending) return null;

  return (
    <div className="workspace">
      <header>
        <select
          className="control"
          aria-label="Organization"
          value={active?.id ?? ""}
          onChange={({ target }) => void auth.organization.setActive({ organizationId: target.value })}
        >
          {!active && <option value="">Choose an organization</option>}
          {(organizations ?? (active ? [active] : [])).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <span>{user.name}</span>
        <button type="button" className="control quiet" onClick={() => void auth.signOut()}>
          Sign out
        </button>
      </header>
      {active && (
        // Another organization is another chat: what was said in one is not on the screen of the other.
        <CopilotKitProvider key={active.id} runtimeUrl="/api/copilotkit" enableInspector={false}>
          <DashboardsProvider>
            <DashboardList />
            <Assistant organization={active.name} />
          </DashboardsProvider>
        </CopilotKitProvider>
      )}
    </div>
  );
}
