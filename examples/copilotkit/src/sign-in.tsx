import { type FormEvent, useState } from "react";
import { auth } from "./auth.ts";

/** Signs in who has an account, or makes one, to which Orgscope gives an organization. */
export function SignIn() {
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { name, email, password } = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const { error } = isNew ? await auth.signUp.email({ name, email, password }) : await auth.signIn.email({ email, password });
    setProblem(error?.message);
  };

  return (
    <form className="card sign-in" onSubmit={submit}>
      <h1 className="title">{isNew ? "Create an account" : "Sign in"}</h1>
      {isNew && <Field label="Name" name="name" autoComplete="name" />}
      <Field label="E-mail" name="email" type="email" autoComplete="email" />
      <Field label="Password" name="password" type="password" autoComplete={isNew ? "new-password" : "current-password"} />
      {problem && <p role="alert">{problem}</p>}
      <button className="control primary">{isNew ? "Create it" : "Sign in"}</button>
      <button type="button" className="control quiet" onClick={() => setIsNew(!isNew)}>
        {isNew ? "I have an account" : "I have no account"}
      </button>
    </form>
  );
}

function Field({ label, ...input }: { label: string; name: string; type?: string; autoComplete: string }) {
  return (
    <label>
      {label}
      <input className="control" required {...input} />
    </label>
  );
}
