// Every scenario. Each is a server pair of its own, with the configuration it names.
import type { Scenario, Step } from "../script.ts";
import { client } from "./client.ts";
import { gate } from "./gate.ts";
import { invitations, strictInvitations } from "./invitations.ts";
import { members } from "./members.ts";
import { options } from "./options.ts";
import { organization, stale } from "./organization.ts";
import { password, revokingReset } from "./password.ts";
import { ownResources, roles } from "./roles.ts";
import { session } from "./session.ts";
import { sign } from "./sign.ts";
import { social } from "./social.ts";
import { teamLimits, teams } from "./teams.ts";
import { changeEmail, confirmedChange, deletion, mailedDeletion, user } from "./user.ts";
import { closed, required, unsigned, verification } from "./verification.ts";

const all: Scenario[] = [
  sign,
  session,
  password,
  revokingReset,
  verification,
  required,
  unsigned,
  closed,
  user,
  changeEmail,
  confirmedChange,
  deletion,
  mailedDeletion,
  organization,
  stale,
  invitations,
  strictInvitations,
  members,
  teams,
  teamLimits,
  roles,
  ownResources,
  gate,
  social,
  client,
  ...options,
];

/** A step that comes again has its number in its name: a name is one step. */
function numbered(steps: Step[]): Step[] {
  const seen = new Map<string, number>();
  return steps.map((step) => {
    const count = (seen.get(step.name) ?? 0) + 1;
    seen.set(step.name, count);
    return count === 1 ? step : { ...step, name: `${step.name} (${count})` };
  });
}

export const scenarios: Scenario[] = all.map((scenario) => ({ ...scenario, steps: numbered(scenario.steps) }));
