/**
 * What a text field must take without harm: as a name it is refused, as a label it is kept as it is. None of it may reach a file's path, an SQL
 * statement, a log line's structure, a regular expression or an object's prototype.
 */
export const hostileTexts: readonly string[] = [
  // Paths
  "../../../../etc/passwd",
  "..\\..\\windows\\win.ini",
  "/etc/passwd",
  "file:///etc/passwd",
  "projects/default/studies/../../other/studies/x",
  "projects/default/studies/a/../b",
  "projects//studies/",
  "projects/default/studies/%2e%2e%2f",
  "a\0b",
  // SQL
  "'; DROP TABLE studies; --",
  "' OR '1'='1",
  '" OR ""="',
  "1; SELECT pg_sleep(60)",
  "x' UNION SELECT name, spec FROM studies --",
  "%' ESCAPE '\\",
  "_%_%_%",
  // Shells, templates, markup, log lines
  "$(touch /tmp/owned)",
  "`id`",
  "$" + "{process.exit(1)}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  'line\n{"level":"fatal","msg":"forged"}',
  "\r\nauthorization: Bearer forged",
  // Objects of JavaScript
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  // Text that is seldom tried
  "",
  " ",
  "\u202eright to left",
  "\ufeffbyte order mark",
  "e\u0301\u0301\u0301\u0301\u0301",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\ufffd\uffff",
  "(a+)+$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
  "NaN",
  "-1",
  "1e999",
  "9".repeat(400),
  "x".repeat(10_000),
  "ä".repeat(5_000),
];
