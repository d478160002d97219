import { type TerraformStack, TerraformVariable, Token } from "../../../stacks/terraform/cdktf";
import { call, keysOf, mapEntries, mapObjects, objects, snakeCase, times } from "../../../stacks/terraform/lists";
import { emptyStack, read } from "../harness";

interface Login {
  readonly host: string;
  readonly secretName: string;
}

let stack: TerraformStack;
beforeEach(() => {
  stack = emptyStack();
});

const listVariable = (name: string) => new TerraformVariable(stack, name, {}).listValue;
const mapVariable = (name: string) => Token.asStringMap(new TerraformVariable(stack, name, {}).value);
const logins = () => listVariable("logins") as unknown as Login[];

describe("one lambda for literals and variables", () => {
  const line = ({ host, secretName }: Login) => `${host} ${secretName}`;

  it("maps objects", () => {
    expect(mapObjects([{ host: "ghcr.io", secretName: "ci" }], line)).toEqual(["ghcr.io ci"]);
    expect(read(stack, mapObjects(logins(), line))).toBe(
      '${[for item in var.logins : "${item.host} ${item.secret_name}"]}',
    );
  });

  it("maps entries", () => {
    const print = (key: string, value: string) => `${key}=${value}`;
    expect(mapEntries({ a: "1" }, print)).toEqual(["a=1"]);
    expect(read(stack, mapEntries(mapVariable("hosts"), print))).toBe(
      '${[for key, value in var.hosts : "${key}=${value}"]}',
    );
  });

  it("spells the attributes of literal objects as Terraform does", () => {
    expect(snakeCase("kmsKeyArn")).toBe("kms_key_arn");
    expect(objects([{ host: "h", secretName: "s" }])).toEqual([{ host: "h", secret_name: "s" }]);
    const variable = logins();
    expect(objects(variable)).toBe(variable);
  });
});

describe("keysOf", () => {
  it("lists the keys of a map and more", () => {
    expect(keysOf({ b: "1", a: "2" }, ["a", "c"])).toEqual(["a", "b", "c"]);
    const variable = mapVariable("tags");
    expect(read(stack, keysOf(variable))).toBe("${keys(var.tags)}");
    expect(read(stack, keysOf(variable, ["c"]))).toBe('${concat(keys(var.tags), ["c"])}');
  });
});

describe("call and times", () => {
  it("calls and multiplies in Terraform where a value is a variable", () => {
    expect(read(stack, call("coalesce", 1, "a"))).toBe('${coalesce(1, "a")}');
    expect(times(10, 60)).toBe(600);
    expect(read(stack, times(new TerraformVariable(stack, "minutes", {}).numberValue, 60))).toBe("${var.minutes * 60}");
  });
});
