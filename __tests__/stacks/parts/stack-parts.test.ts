/** Names, files, tags and policies: what stacks and modules share. */

import { currentOf } from "../../../stacks/parts/current";
import { onlyTagKeys, policyDocument, whereAny, whereGiven } from "../../../stacks/parts/policy";
import { taggerOf } from "../../../stacks/parts/tags";
import { Construct, SqsQueue, type TerraformStack, TerraformVariable, Token } from "../../../stacks/terraform/cdktf";
import { fileBeside, filesOf } from "../../../stacks/terraform/files";
import { LogicalNames } from "../../../stacks/terraform/logical-name";
import { mayBeNull } from "../../../stacks/terraform/maybe";
import { oncePerStack } from "../../../stacks/terraform/once-per-stack";
import { withoutTokenTraces } from "../../../stacks/terraform/token-traces";
import { emptyStack, read } from "../harness";

let stack: TerraformStack;
beforeEach(() => {
  stack = emptyStack();
});

describe("logical names", () => {
  it("are the path of ids, without the kinds, in Terraform's letters", () => {
    const names = new LogicalNames(stack);
    const cell = new Construct(stack, "my-cache_x86_64");
    expect(names.of(new SqsQueue(cell, "dead_letters.queue"))).toBe("my_cache_x86_64_dead_letters");
    expect(names.of(new SqsQueue(stack, "1st"))).toBe("_1st");
  });

  it("leave out the construct that a module consists of", () => {
    const queue = new SqsQueue(new Construct(stack, "module"), "dead_letters.queue");
    expect(new LogicalNames(stack, "module").of(queue)).toBe("dead_letters");
  });

  it("are given once for each type, and to the same element again", () => {
    const names = new LogicalNames(stack);
    const queue = new SqsQueue(stack, "a.queue");
    expect(names.of(queue)).toBe("a");
    expect(names.of(queue)).toBe("a");
    expect(() => names.of(new SqsQueue(stack, "a.other"))).toThrow(
      "aws_sqs_queue.a would name both stack/a.queue and stack/a.other: change one id",
    );
  });
});

describe("files beside a stack", () => {
  it("are told by their path in the module, and written once", () => {
    expect(filesOf(stack).size).toBe(0);
    const path = fileBeside(stack, "userdata/x.sh", "text");
    fileBeside(new Construct(stack, "cell"), "userdata/x.sh", "text");
    expect(read(stack, path)).toBe("${path.module}/userdata/x.sh");
    expect([...filesOf(stack)]).toEqual([["userdata/x.sh", "text"]]);
    expect(read(stack, fileBeside(stack, "userdata/x.sh", Buffer.from("text")))).toBe(read(stack, path));
    expect(() => fileBeside(stack, "userdata/x.sh", "other")).toThrow("two files want the path userdata/x.sh in stack");
  });
});

describe("tags", () => {
  const own = { "docker-cache:name": "ci", "docker-cache:architecture": "x86_64" };

  it("are ours over the user's", () => {
    const tags = taggerOf(stack, { team: "a", "docker-cache:name": "forged" }, own);
    expect(tags({ Name: "n" })).toEqual({
      team: "a",
      "docker-cache:name": "ci",
      "docker-cache:architecture": "x86_64",
      Name: "n",
    });
  });

  it("are merged by Terraform where the user's are a variable", () => {
    const variable = Token.asStringMap(new TerraformVariable(stack, "given", {}).value);
    const tags = taggerOf(stack, variable, own);
    expect(read(stack, tags())).toBe("${local.tags}");
    expect(read(stack, tags({ Name: "n" }))).toBe('${merge(local.tags, { Name = "n" })}');
    expect((stack.toTerraform() as { locals: object }).locals).toEqual({
      tags: '${merge(var.given, { "docker-cache:name" = "ci", "docker-cache:architecture" = "x86_64" })}',
    });
  });
});

describe("policies", () => {
  const statement = { sid: "A", actions: ["s:Get"], resources: ["r"] };
  const documentOf = (...statements: Parameters<typeof policyDocument>[2]) => {
    policyDocument(stack, "document", statements);
    const { aws_iam_policy_document: made } = (stack.toTerraform() as { data: Record<string, object> }).data;
    const { statement: plain, dynamic } = Object.values(made!)[0] as Record<string, unknown>;
    return { plain, dynamic };
  };

  it("have statements where a value is given", () => {
    expect(whereGiven(null, () => [statement])).toEqual([]);
    expect(whereGiven("key", (key) => [{ ...statement, resources: [key] }])).toEqual([
      { ...statement, resources: ["key"] },
    ]);
    const maybe = mayBeNull(new TerraformVariable(stack, "key", {}).stringValue);
    expect(documentOf(...whereGiven(maybe, (key) => [{ ...statement, resources: [key] }]))).toEqual({
      plain: [],
      dynamic: {
        statement: {
          for_each: "${var.key[*]}",
          content: { sid: "A", actions: ["s:Get"], resources: ["${statement.value}"] },
        },
      },
    });
  });

  it("have statements where a list has items", () => {
    expect(whereAny([], statement)).toEqual([]);
    expect(whereAny(["x"], statement)).toEqual([statement]);
    const list = new TerraformVariable(stack, "ids", {}).listValue;
    expect(documentOf(...whereAny(list, statement, { ...statement, sid: "B" })).dynamic).toEqual({
      statement: ["A", "B"].map((sid) => ({
        for_each: "${length(var.ids) > 0 ? [true] : []}",
        content: { sid, actions: ["s:Get"], resources: ["r"] },
      })),
    });
  });

  it("name tag keys so that no key at all is not allowed either", () => {
    expect(onlyTagKeys(["a"]).map(({ test }) => test)).toEqual(["ForAllValues:StringEquals", "Null"]);
  });
});

describe("where Terraform runs", () => {
  it("is read once per stack, however many ask", () => {
    const [first, second] = [currentOf(new Construct(stack, "a")), currentOf(new Construct(stack, "b"))];
    expect(stack.node.children).toHaveLength(2);
    for (const { partition, region, account, principal } of [first, second])
      expect([partition, region, account, principal("ec2")]).toHaveLength(4);
    const { data } = stack.toTerraform() as { data: Record<string, object> };
    expect(Object.values(data).map((named) => Object.keys(named).length)).toEqual([1, 1, 1, 1]);
    expect(oncePerStack(stack, "a", () => stack)).toBe(stack.node.findChild("a"));
  });

  it("makes ARNs with and without account and region", () => {
    const current = currentOf(stack);
    expect(read(stack, current.arn("ec2", "volume/*"))).toMatch(
      /^arn:\$\{data\.aws_partition\.\w+\.partition\}:ec2:\$\{data\.aws_region\.\w+\.id\}:\$\{data\.aws_caller_identity\.\w+\.account_id\}:volume\/\*$/,
    );
    expect(read(stack, current.arn("ec2", "snapshot/*", { region: "*", account: null }))).toMatch(
      /^arn:\$\{.*\}:ec2:\*::snapshot\/\*$/,
    );
  });
});

describe("withoutTokenTraces", () => {
  it("leaves errors their traces, and V8 as it was, whatever happens", () => {
    const before = Error.captureStackTrace;
    expect(withoutTokenTraces(() => new Error("x").stack)).toContain("stack-parts.test");
    expect(() =>
      withoutTokenTraces(() => {
        throw new Error("y");
      }),
    ).toThrow("y");
    expect(Error.captureStackTrace).toBe(before);
  });
});
