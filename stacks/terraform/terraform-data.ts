/** `terraform_data`, without cdktf's own class for it, which runs a Terraform binary in every synthesis to ask for its version. */
import { type Construct, TerraformResource, type TerraformResourceLifecycle } from "./cdktf";
import { str } from "./expression";

export class TerraformData extends TerraformResource {
  constructor(scope: Construct, id: string, input: unknown, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
      lifecycle,
    });
    this.addOverride("input", input);
  }

  /** Address for `replace_triggered_by`, which takes no reference of cdktf's. */
  get address(): string {
    return `terraform_data.${this.friendlyUniqueId}`;
  }

  /** The input as it was when it was last applied. */
  get output(): string {
    return str`${this.fqn}.output`;
  }
}
