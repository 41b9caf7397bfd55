import { useEffect, useState } from "preact/hooks";
import { get, needsLogin, post } from "./api.ts";
import { ComparePage } from "./compare-page.tsx";
import { CreatePage } from "./create-page.tsx";
import { LoginPage } from "./login-page.tsx";
import { Link, path } from "./router.tsx";
import { StudiesPage } from "./studies-page.tsx";
import { StudyPage } from "./study-page.tsx";
import { TrialPage } from "./trial-page.tsx";

export function App() {
  const [session, setSession] = useState<{ loggedIn: boolean; oidc: boolean }>();
  useEffect(() => void get<{ loggedIn: boolean; oidc: boolean }>("/api/session").then(setSession, () => undefined), []);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <Link to="/" class="brand">
          Superbatch
        </Link>
        <nav aria-label="Main">
          <Link to="/" current={path.value === "/"}>
            Studies
          </Link>
          <Link to="/create" current={path.value === "/create"}>
            Create
          </Link>
          <Link to="/compare" current={path.value === "/compare"}>
            Compare
          </Link>
        </nav>
        <ThemeButton />
        {session?.loggedIn && (
          <button
            type="button"
            class="quiet"
            onClick={() => void post("/api/logout", {}).then(() => location.assign("/"))}
          >
            Log out
          </button>
        )}
      </header>
      <main id="main">
        {needsLogin.value ? <LoginPage oidc={session?.oidc ?? false} refused={session?.loggedIn ?? false} /> : <Page />}
      </main>
    </>
  );
}

function Page() {
  const [, first, project, study, next, number] = path.value.split("/").map(decodeURIComponent);
  if (first === "" || first === undefined) return <StudiesPage />;
  if (first === "create") return <CreatePage />;
  if (first === "compare") return <ComparePage />;
  if (first === "studies" && project && study) {
    if (next === "trials" && number && /^\d+$/.test(number))
      return <TrialPage key={number} study={`${project}/${study}`} number={Number(number)} />;
    return <StudyPage key={`${project}/${study}`} study={`${project}/${study}`} />;
  }
  return <p>There is no such page.</p>;
}

type Theme = "light" | "dark" | "system";

/** Light, dark, or as the system says. */
function ThemeButton() {
  const [theme, setTheme] = useState<Theme>((localStorage.getItem("theme") as Theme | null) ?? "system");
  useEffect(() => {
    localStorage.setItem("theme", theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  const next = { system: "light", light: "dark", dark: "system" } as const;
  return (
    <button
      type="button"
      class="quiet theme"
      aria-label={`Colors: ${theme}. Change to ${next[theme]}`}
      onClick={() => setTheme(next[theme])}
    >
      {{ system: "◐", light: "☀", dark: "☾" }[theme]}
    </button>
  );
}
