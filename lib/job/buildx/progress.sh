# shellcheck shell=bash
# What BuildKit tells of a build, as it comes. buildx writes events in JSON to standard error, and between them lines of its own: warnings, and at the end
# what went wrong. They are shown as --progress=plain would show them.

# print_progress_program: the program for jq that reads the lines of --progress=rawjson and prints, each with a letter before it,
#   T text        for the log
#   S READING WRITING   how many transfers of the cache are going on, whenever one has begun, gone on or ended
#   E JSON        the end: see summary
# Of transfers, a download is the cache's if it belongs to a step that the cache has: BuildKit counts those of base images to FROM.
print_progress_program() {
  cat <<'JQ'
def is_step: test("^\\[[^\\]]*[0-9]+/[0-9]+\\] (?!FROM )");
def is_base: test("^(\\[[^\\]]*[0-9]+/[0-9]+\\] )?FROM |^\\[internal\\] ");
def is_import: startswith("importing cache manifest from ");
def is_export: startswith("exporting cache to ");
# Of a step that another's failure has ended; the reason stands at the other.
def is_canceled: test("(^|: )context canceled$");
def lines: rtrimstr("\n") | split("\n")[] | sub("\r$"; "");
def say($text): .out += [$text | lines | "T" + .];
def say($vertex; $text): .out += [$text | lines | "T#\($vertex.number) \(.)"];
def seconds: capture("^(?<date>[^.Z]+)(?<fraction>[.][0-9]+)?Z?") | ((.date + "Z" | fromdateiso8601) + ("0" + (.fraction // "") | tonumber));
def took: (try ((.completed | seconds) - (.started | seconds)) catch 0) | (. * 10 | round / 10 | tostring);

# A transfer that has gone on or ended counts as progress of the cache.
def transfer($kind; $key; $open):
  (if $open then .[$kind][$key] = true else .[$kind] |= del(.[$key]) end) | .moved = true;

def vertex($v):
  ($v.digest) as $d | (.vertices[$d] // {name: ($v.name // "")}) as $known
  | ($v.error // "") as $error
  | (if $known.number == null and ($v.started or $v.cached) then .count += 1 else . end)
  | (if $known.number == null and ($v.started or $v.cached) then $known + {number: .count, fresh: true} else $known end) as $now
  | (if $now.fresh then say($now; $now.name) else . end)
  | (if $v.cached and ($now.cached | not) then say($now; "CACHED") else . end)
  | (if $v.completed and (.partial[$d] // "") != "" then say($now; .partial[$d]) | .partial[$d] = "" else . end)
  | (if $error != "" and $error != $now.error then say($now; "ERROR: \($error)")
     elif $v.completed and ($v.cached | not) and ($now.done | not) and $error == "" then say($now; "DONE \($v | took)s") else . end)
  | .vertices[$d] = ($now | del(.fresh)
      | (if $v.cached then .cached = true else . end)
      | (if $error != "" then .error = $error else . end)
      | (if $v.completed then .done = true else . end))
  | if ($now.name | is_import) and $v.started then transfer("reading"; $d; $v.completed == null)
    elif ($now.name | is_export) and $v.started then transfer("writing"; $d; $v.completed == null)
    else . end;

def status($s):
  (.vertices[$s.vertex] // {name: ""}) as $v | (.downloads[$s.id] // {most: -1}) as $known
  | if ($s.id | test("^sha256:[0-9a-f]{64}$")) and ($v.name | is_export | not) then
      .downloads[$s.id] = {vertex: $s.vertex, open: ($s.completed == null), most: ([$known.most, $s.current // 0] | max)}
      | if $v.cached and ($v.name | is_step) and (($s.current // 0) > $known.most or $s.completed) then transfer("reading"; $s.id; $s.completed == null) else . end
    elif $v.name | is_export then .moved = true
    else . end
  | if $s.completed and $v.number and (.told[$s.vertex + $s.id] | not) then
      .told[$s.vertex + $s.id] = true | say($v; "\($s.id)\(if $s.total then " \($s.total) bytes" else "" end) done")
    else . end;

# A log comes in pieces that may end within a line.
def log($l):
  (.vertices[$l.vertex] // {number: 0}) as $v
  | ($l.data | @base64d | split("\n")) as $pieces
  | if ($pieces | length) < 2 then .partial[$l.vertex] += ($pieces[0] // "")
    else
      say($v; (.partial[$l.vertex] // "") + $pieces[0])
      | .partial[$l.vertex] = $pieces[-1]
      | reduce $pieces[1:-1][] as $piece (.; say($v; $piece))
    end;

def event($e):
  reduce ($e.vertexes // [])[] as $v (.; vertex($v))
  | reduce ($e.statuses // [])[] as $s (.; status($s))
  | reduce ($e.logs // [])[] as $l (.; log($l))
  | reduce ($e.warnings // [])[] as $w (.; say("WARNING: \($w.short // "" | @base64d)"))
  | .events += 1;

def summary:
  [.vertices[]] as $all | .vertices as $vertices
  | def of(name): select($vertices[.value.vertex] // {name: ""} | name);
  {
    events,
    # By name: a step begins anew as another vertex if a build that shared it is gone.
    steps: [$all[] | .name | select(is_step)] | unique | length,
    cached: [$all[] | select((.name | is_step) and .cached) | .name] | unique | length,
    failed: [$all[] | select(.error and (.name | is_import or is_export | not) and (.error | is_canceled | not)) | {name, error}],
    imports: [$all[] | select(.name | is_import) | {name, error}],
    exports: [$all[] | select(.name | is_export) | {error, done}],
    unfinished: [.downloads | to_entries[] | select(.value.open) | of(.cached and (.name | is_step)) | .key],
    based: [.downloads | to_entries[] | of(.name | is_base) | .key]
  };

# What is no event is shown as it is.
def event_or_text($text): . as $before | try event($text | fromjson) catch ($before | say($text));
def let_go: if .held then (.held | join("\n")) as $text | .held = null | say($text) else . end;

# buildx 0.13 spreads an event over lines, from one that is { to one that is }; later ones have it on one.
def read($line):
  if .held and ($line | startswith("{") | not) then
    .held += [$line] | if $line == "}" then (.held | join("\n")) as $text | .held = null | event_or_text($text) else . end
  else
    let_go | if $line == "{" then .held = [$line] elif $line | startswith("{") then event_or_text($line) else say($line) end
  end;

foreach (inputs, null) as $line (
  {count: 0, events: 0, vertices: {}, downloads: {}, reading: {}, writing: {}, told: {}, partial: {}, held: null, out: [], moved: false};
  .out = [] | .moved = false
  | if $line == null then
      let_go | reduce (.partial | to_entries[] | select(.value != "")) as $rest (.; say(.vertices[$rest.key] // {number: 0}; $rest.value))
      | .out += ["E" + (summary | tojson)]
    else read($line) end;
  .out[], (if .moved then "S \(.reading | length) \(.writing | length)" else empty end)
)
JQ
}
