import { commentLines, printBody } from "../../../../scripts/emit/hcl/body";

const SCHEMA = { ebs: { deep: {} }, metadata_options: {}, egress: "attribute" } as const;
const print = (body: Parameters<typeof printBody>[0], comments?: Map<string, string>) =>
  printBody(body, SCHEMA, "type.name", comments).join("\n");

describe("printBody", () => {
  test("order: what counts, what fits a line, the rest, blocks, tags, what Terraform reads last", () => {
    expect(
      print({
        tags: { a: "b" },
        depends_on: ["aws_x.y"],
        ebs: { deep: [{ b: 1 }] },
        zone: "a",
        lifecycle: { create_before_destroy: true },
        policy: "${jsonencode({ a = 1, b = 2 })}",
        name: "x",
        for_each: "${toset([])}",
        provider: "aws.west",
        "//": { metadata: {} },
        gone: null,
      }),
    ).toBe(
      `for_each = toset([])
provider = aws.west

name = "x"
zone = "a"

policy = jsonencode({
  a = 1
  b = 2
})

ebs {
  deep {
    b = 1
  }
}

tags = { a = "b" }

depends_on = [aws_x.y]

lifecycle {
  create_before_destroy = true
}`,
    );
  });

  test("a dynamic block stands with the blocks of its name, behind them", () => {
    const dynamic = {
      ebs: { for_each: "${[1]}", content: { deep: {} } },
      metadata_options: { for_each: "${[1]}", content: {} },
    };
    const heads = print({ ebs: { deep: {} }, dynamic }).match(/^\w.*\{/gm);
    expect(heads).toEqual(['dynamic "metadata_options" {', "ebs {", 'dynamic "ebs" {']);
  });

  test("resources of a statement stand behind its actions, however long those are", () => {
    const long = Array.from({ length: 9 }, (_, index) => `service:Action${index}`);
    const names = (body: Parameters<typeof printBody>[0]) => print(body).match(/^\w+/gm);
    expect(names({ resources: ["*"], actions: long, sid: "A" })).toEqual(["sid", "actions", "resources"]);
    expect(names({ resources: ["*"], actions: ["a:B"], sid: "A" })).toEqual(["sid", "actions", "resources"]);
  });

  test("an attribute stays one though its value is an object, a block stays one though it is empty", () => {
    expect(print({ settings: { a: 1 }, metadata_options: {} })).toBe("settings = { a = 1 }\n\nmetadata_options {}");
  });

  test("an attribute that Terraform takes as blocks is written as blocks where there are any", () => {
    expect(print({ egress: [{ from_port: 0, to_port: null }, { from_port: 1 }] })).toBe(
      "egress {\n  from_port = 0\n}\n\negress {\n  from_port = 1\n}",
    );
    expect(print({ egress: [] })).toBe("egress = []");
    expect(print({ egress: "${var.rules}" })).toBe("egress = var.rules");
  });

  test("dynamic blocks, one or several", () => {
    const dynamic = { ebs: [{ for_each: "${var.x}", content: [{ deep: { a: "${ebs.value}" } }], iterator: "ebs" }] };
    expect(print({ dynamic })).toBe(
      `dynamic "ebs" {
  for_each = var.x
  iterator = ebs

  content {
    deep {
      a = ebs.value
    }
  }
}`,
    );
  });

  test("references lose the template around them", () => {
    expect(print({ depends_on: ["${aws_x.y}"], lifecycle: { ignore_changes: "all" } })).toBe(
      "depends_on = [aws_x.y]\n\nlifecycle {\n  ignore_changes = all\n}",
    );
    const indexed = { replace_triggered_by: ["aws_x.y[0].id"], ignore_changes: ['tags["a:b"]', "block[1]"] };
    expect(print({ lifecycle: indexed })).toContain("replace_triggered_by = [aws_x.y[0].id]");
  });

  test("comments stand above what they are about", () => {
    const comments = new Map([
      ["zone", "Not ours to choose."],
      ["ebs", "Two of them."],
    ]);
    expect(print({ zone: "a", ebs: [{}, {}] }, comments)).toBe(
      '# Not ours to choose.\nzone = "a"\n\n# Two of them.\nebs {}\n\nebs {}',
    );
  });

  test("an attribute with a comment stands apart, so that its neighbours stay aligned", () => {
    const comments = new Map([["size", "Why so many."]]);
    expect(print({ size: 1, name: "n", zone: "a" }, comments)).toBe(
      'name = "n"\nzone = "a"\n\n# Why so many.\nsize = 1',
    );
  });

  test.each([
    ["a provisioner", { provisioner: [{}] }, "type.name.provisioner: not supported"],
    ["a connection", { connection: {} }, "type.name.connection: not supported"],
    ["a block given as a string", { ebs: "${[for x in y : x]}" }, "type.name.ebs: expected a block"],
    ["a block that is a list of strings", { ebs: ["x"] }, "type.name.ebs: expected a block"],
    ["dynamic that names nothing", { dynamic: [] }, "expected dynamic blocks by name"],
    ["dynamic of an attribute", { dynamic: { zone: {} } }, "type.name.dynamic.zone: the provider knows no such block"],
    ["dynamic without content", { dynamic: { ebs: { for_each: [] } } }, "needs for_each and content"],
    ["dynamic with labels", { dynamic: { ebs: { for_each: [], content: {}, labels: [] } } }, "labels"],
    ["dynamic that is no block", { dynamic: { ebs: "x" } }, "expected a dynamic block"],
    ["a reference with a call", { depends_on: ["${f(x)}"] }, "type.name.depends_on: expected a reference"],
    ["a reference that is no text", { depends_on: [1] }, "expected a reference, found 1"],
  ])("refuses %s", (_, body, message) => expect(() => print(body as never)).toThrow(message));
});

test("commentLines wraps at 100 columns and keeps paragraphs", () => {
  expect(commentLines(undefined)).toEqual([]);
  expect(commentLines("a\n\nb")).toEqual(["# a", "#", "# b"]);
  const lines = commentLines("word ".repeat(40));
  expect(lines).toHaveLength(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});
