import { SqsQueue, type TerraformStack, TerraformVariable } from "../../../stacks/terraform/cdktf";
import {
  attributeOf,
  countIfAbsent,
  countIfAny,
  countIfGiven,
  countIfNone,
  countIfOneOf,
  isAbsent,
  isEmptyList,
  isMaybe,
  isNull,
  itemsOf,
  mayBeAbsent,
  mayBeEmpty,
  mayBeNull,
  mayBeOneOf,
  optionalBlock,
  orElse,
} from "../../../stacks/terraform/maybe";
import { emptyStack, read } from "../harness";

let stack: TerraformStack;
beforeEach(() => {
  stack = emptyStack();
});

const text = (name: string) => new TerraformVariable(stack, name, { type: "string" }).stringValue;
const texts = (name: string) => new TerraformVariable(stack, name, { type: "list(string)" }).listValue;

describe("mayBeNull", () => {
  it("marks the very token, and no other of the same variable", () => {
    const variable = new TerraformVariable(stack, "key", { type: "string" });
    const marked = mayBeNull(variable.stringValue);
    expect(isMaybe(marked)).toBe(true);
    expect(isMaybe(variable.stringValue)).toBe(false);
    expect(isMaybe("literal")).toBe(false);
  });

  it("refuses a literal", () => {
    expect(() => mayBeNull("arn")).toThrow("mayBeNull: expected a token, found a literal; pass null instead");
  });
});

describe("what stands only where a value is given", () => {
  it("is counted where the value may be null, and not otherwise", () => {
    const maybe = mayBeNull(text("key"));
    expect(read(stack, countIfGiven(maybe))).toBe("${var.key == null ? 0 : 1}");
    expect(read(stack, countIfAbsent(maybe))).toBe("${var.key == null ? 1 : 0}");
    for (const known of [null, "literal", text("other")]) {
      expect(countIfGiven(known)).toBeUndefined();
      expect(countIfAbsent(known)).toBeUndefined();
    }
  });

  it("is counted by what is known while planning", () => {
    const arn = mayBeNull(text("arn"), new TerraformVariable(stack, "topic", {}).value);
    expect(read(stack, countIfGiven(arn))).toBe("${var.topic == null ? 0 : 1}");
    expect(read(stack, isNull(arn))).toBe("${var.topic == null}");
    expect(read(stack, isNull(null))).toBe("${true}");
  });

  it("is constructed at all unless the value is surely absent, and its opposite unless it is surely there", () => {
    expect([null, undefined, "x", text("a")].map(isAbsent)).toEqual([true, true, false, false]);
    expect([null, "x", text("b"), mayBeNull(text("c"))].map(mayBeAbsent)).toEqual([true, false, false, true]);
  });
});

describe("what stands only where a list has items", () => {
  it("is counted where the list is a variable", () => {
    const list = texts("ids");
    expect(read(stack, countIfAny(list))).toBe("${length(var.ids) > 0 ? 1 : 0}");
    expect(read(stack, countIfNone(list))).toBe("${length(var.ids) > 0 ? 0 : 1}");
    expect([countIfAny(["a"]), countIfNone([])]).toEqual([undefined, undefined]);
    expect([[], ["a"], list].map(isEmptyList)).toEqual([true, false, false]);
    expect([[], ["a"], list].map(mayBeEmpty)).toEqual([true, false, true]);
  });
});

describe("what stands only where a value is one of some", () => {
  it("is counted where the value is a variable", () => {
    const wake = text("wake");
    expect(read(stack, countIfOneOf(wake, ["a", "b"]))).toBe('${contains(["a", "b"], var.wake) ? 1 : 0}');
    expect(countIfOneOf("a", ["a", "b"])).toBeUndefined();
    expect([wake, "a", "c"].map((value) => mayBeOneOf(value, ["a", "b"]))).toEqual([true, true, false]);
  });
});

describe("attributeOf", () => {
  it("refers to a resource, to one that may be counted away, and to none", () => {
    const plain = new SqsQueue(stack, "plain");
    const counted = new SqsQueue(stack, "counted", { count: countIfGiven(mayBeNull(text("key"))) });
    expect(read(stack, attributeOf(plain, "arn"))).toMatch(/^\$\{aws_sqs_queue\.plain\w*\.arn\}$/);
    expect(read(stack, attributeOf(counted, "arn"))).toMatch(/^\$\{one\(aws_sqs_queue\.counted\w*\[\*\]\.arn\)\}$/);
    expect(read(stack, attributeOf(undefined, "arn"))).toBe("${null}");
  });
});

describe("optionalBlock", () => {
  const blockOf = (value: unknown) => {
    const queue = new SqsQueue(stack, "queue");
    optionalBlock(queue, "thing", value, (given) => ({ name: given }));
    const [made] = Object.values(
      (stack.toTerraform() as { resource: { aws_sqs_queue: object } }).resource.aws_sqs_queue,
    );
    const { thing, dynamic } = made as Record<string, unknown>;
    return { thing, dynamic };
  };

  it("is none without a value", () => expect(blockOf(null)).toEqual({}));
  it("is plain with a literal", () => expect(blockOf("x")).toEqual({ thing: [{ name: "x" }] }));
  it("is dynamic where the value may be null", () => {
    expect(blockOf(mayBeNull(text("key")))).toEqual({
      dynamic: { thing: { for_each: "${var.key[*]}", content: { name: "${thing.value}" } } },
    });
  });
});

describe("itemsOf and orElse", () => {
  it("say in Terraform what a literal says in TypeScript", () => {
    const maybe = mayBeNull(text("key"));
    expect([null, "x", maybe].map((value) => read(stack, itemsOf(value)))).toEqual([
      "${[]}",
      '${["x"]}',
      "${var.key[*]}",
    ]);
    expect([null, "x", maybe].map((value) => read(stack, orElse(value, "y")))).toEqual([
      '${"y"}',
      '${"x"}',
      '${var.key == null ? "y" : var.key}',
    ]);
  });
});
