import { figureStyle } from "@superbatch/figures";
import { render } from "preact";
import { App } from "./app.tsx";

// As a constructed sheet, since the content security policy allows no inline one.
const sheet = new CSSStyleSheet();
sheet.replaceSync(figureStyle);
document.adoptedStyleSheets = [sheet];

render(<App />, document.getElementById("app")!);
