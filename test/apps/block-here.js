// An endless loop in a function of this name, on line 3.
export function blockHere() {
  for (;;);
}
