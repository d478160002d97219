# Facts of a plan as `terraform show -json` tells it.
#
#   jq --arg what gone …       a line for each resource that is destroyed or replaced: its address, and which
#   jq --arg what changes …    all changes as one value, the same for stacks of two regions that change in the same way
#
# With `changes`, `--arg region` is the region's name. What the apply will tell, such as ids and versions, is left out.

# Each attribute that changes, with its values; without the one before if the one behind is unknown, since that is the region's own.
def attributes($before; $after; $unknown):
  [
    (($after + $unknown) | keys[]) as $name
    | if [$unknown[$name] | .. | . == true] | any then [$name, $after[$name], $unknown[$name]]
      elif $before[$name] != $after[$name] then [$name, $before[$name], $after[$name]]
      else empty
      end
  ];

def object: if type == "object" then . else {} end;

def resource:
  {
    address,
    previous_address,
    deposed: has("deposed"),
    actions: .change.actions,
    imported: (.change.importing != null),
    # What goes is named by its address.
    attributes: (
      if .change.actions == ["delete"] then []
      else .change | attributes(.before | object; .after | object; .after_unknown | object)
      end
    )
  };

def changes:
  {
    resources: [
      .resource_changes[]?
      | select(.mode == "managed")
      | select(.change.actions != ["no-op"] or .previous_address != null or .change.importing != null)
      | resource
    ],
    outputs: [
      (.output_changes // {})
      | to_entries[]
      | select(.value.actions != ["no-op"])
      | [.key, (.value | attributes({ value: .before }; { value: .after }; { value: .after_unknown }))]
    ]
  };

def gone:
  .resource_changes[]?
  | select(.change.actions | index("delete"))
  | "\(.address) is \(if .change.actions == ["delete"] then "destroyed" else "replaced" end)";

if $what == "gone" then gone
elif $region == "" then changes
else changes | tojson | split($region) | join("REGION")
end
