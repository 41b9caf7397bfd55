import { useState } from "preact/hooks";
import { type Problem, post, problemOf } from "./api.ts";
import { ProblemBox } from "./parts.tsx";
import { query } from "./router.tsx";

/** @param refused - whether there was a login that the optimizer does not take, or no longer */
export function LoginPage({ oidc, refused }: { oidc: boolean; refused: boolean }) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const failed = query.value.get("login");
  const login = async (event: Event) => {
    event.preventDefault();
    try {
      await post("/api/login", { token: token.trim() });
      location.reload();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <section class="card narrow">
      <h1>Log in</h1>
      {failed && (
        <ProblemBox
          problem={{
            code: "unauthenticated",
            message: failed === "expired" ? "The login took too long." : "The login failed.",
            remedy: "Try again.",
          }}
        />
      )}
      {refused && !failed && !problem && (
        <ProblemBox
          problem={{
            code: "unauthenticated",
            message: "The token was refused or has expired.",
            remedy: "Log in with another.",
          }}
        />
      )}
      {oidc && (
        <p>
          <a class="button" href="/login">
            Log in with your organization
          </a>
        </p>
      )}
      <form onSubmit={(event) => void login(event)}>
        <label>
          Bearer token
          <input
            type="password"
            name="token"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p class="note">The optimizer wants a token. It is kept in an encrypted cookie that scripts cannot read.</p>
        <button type="submit">Log in</button>
        {problem && <ProblemBox problem={problem} />}
      </form>
    </section>
  );
}
