/** A role that one AWS service assumes, with one inline policy that goes when it goes. */
import type { Owned } from "../../lib/config/cell";
import { IamRole, IamRolePolicy } from "../terraform/cdktf";
import { attributeOf } from "../terraform/maybe";
import { keepName } from "./keep-name";
import { type Condition, equals, policyDocument, type Statement } from "./policy";
import type { Scope } from "./scope";

interface RoleProps {
  /** Emitted name; the parts of the role are told apart by their kinds. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Service that assumes the role, e.g. `scheduler`. */
  readonly service: string;
  /**
   * Against a confused deputy: for whose sake the service assumes the role. Left out for EC2 alone, which is not documented to send
   * `aws:SourceAccount` (and a role cannot be passed across accounts).
   */
  readonly trust: readonly Condition[];
  readonly statements: readonly Statement[];
  /** Given if the role may be counted away in a module. */
  readonly count?: number;
}

/** The service acts for this account. */
export function forThisAccount({ current }: Pick<Scope<Owned>, "current">): Condition {
  return equals("aws:SourceAccount", current.account);
}

/** The service acts for a resource with an ARN like this. */
export function forSource(arn: string): Condition {
  return { test: "ArnLike", variable: "aws:SourceArn", values: [arn] };
}

export function createRole(owner: Scope<Owned>, props: RoleProps): IamRole {
  return createRoleAndPolicy(owner, props).role;
}

/** As {@link createRole}, for what runs as the role as soon as it is there: it must not come before what it may do. */
export function createRoleAndPolicy(
  owner: Scope<Owned>,
  props: RoleProps,
): {
  readonly role: IamRole;
  readonly policy: IamRolePolicy | undefined;
  /** JSON of the policy, which is there although a module's user may count role and policy away. */
  readonly policyJson: string | undefined;
} {
  const { scope, props: owned, current, tags } = owner;
  const trust = policyDocument(scope, `${props.id}_trust.document`, [
    {
      sid: "Assume",
      actions: ["sts:AssumeRole"],
      service: current.principal(props.service),
      conditions: props.trust,
    },
  ]);
  const role = new IamRole(scope, `${props.id}.role`, {
    name: props.name,
    description: props.description,
    path: owned.rolePath,
    permissionsBoundary: owned.permissionsBoundaryArn ?? undefined,
    assumeRolePolicy: trust,
    tags: tags(),
    count: props.count,
    lifecycle: keepName(owner.identity),
  });
  if (props.statements.length === 0) return { role, policy: undefined, policyJson: undefined };
  const policyJson = policyDocument(scope, `${props.id}.role-document`, props.statements);
  const policy = new IamRolePolicy(scope, `${props.id}.role-policy`, {
    name: props.id,
    // A name is known while a role is replaced, and its policy would stay with the former one.
    role: attributeOf(role, "id"),
    policy: policyJson,
    count: props.count,
  });
  return { role, policy, policyJson };
}
