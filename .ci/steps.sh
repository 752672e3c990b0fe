# Steps that are counted: every test, and every other step that fails. Sourced by .ci/run, and by test/ci.test.ts.
passed=0
failed=0
skipped=0
log=$(mktemp)

# The closing line is printed whatever happens, also when the script itself is wrong.
trap 'code=$?; rm -f "$log"; [ -z "${finished:-}" ] && { echo "ended early with $code"; echo "$passed passed, $((failed + 1)) failed"; exit 1; }' EXIT

# step TITLE COMMAND…: a failure is counted, and the steps after it run all the same.
step() {
  local title=$1 started=$SECONDS code=0 counts
  shift
  echo "== $title"
  "$@" 2>&1 | tee "$log" || code=1
  counts=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  if [ -n "$counts" ]; then
    local -a n
    read -ra n <<<"${counts//[^0-9 ]/}"
    passed=$((passed + n[0]))
    failed=$((failed + n[1]))
    skipped=$((skipped + ${n[2]:-0}))
  fi
  # Failed with no test to show for it: the step itself counts as one.
  if [ "$code" != 0 ] && ! [[ $counts =~ ,\ [1-9][0-9]*\ failed ]]; then failed=$((failed + 1)); fi
  echo "== $title: $([ "$code" = 0 ] && echo done || echo FAILED), $((SECONDS - started)) s"
  return 0
}

# must TITLE COMMAND…: without it the steps after it mean nothing.
must() {
  local before=$failed
  step "$@"
  [ "$failed" = "$before" ] || finish
}

finish() {
  finished=yes
  echo "== all of it: $SECONDS s"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit 0
  exit 1
}
