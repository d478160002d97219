/**
 * User data as an expression: settings as `export NAME='base64'` lines, then the static scripts. Terraform joins them, so that a
 * setting may be known at plan time only and survives any byte. The layout, and why the nouns differ: lib/userdata/render.ts, whose functions
 * are given expressions here.
 */
import { gzipSync } from "node:zlib";
import type { BuilderSettings, WorkerSettings } from "../../lib/config/cell";
import {
  bundleScript,
  checkUserDataSize,
  earlyPart,
  mime,
  mimePart,
  plainScript,
  renderBuilder,
  renderLateWorker,
  renderWorker,
  SHEBANG,
  SHORTEN_USER_DATA,
  scriptLine,
  scriptPart,
  settingLine,
  snippet,
  USER_DATA_MAXIMUM_BYTES,
  type UserDataNoun,
  type UserDataPart,
  userScriptLines,
  type WorkerLines,
  type WorkerPiece,
  workerPiece,
} from "../../lib/userdata/render";
import type { BuilderSetting, CommonSetting, WorkerSetting } from "../../lib/userdata/settings";
import { type Construct, type IResolvable, TerraformLocal, Token } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { fileBeside } from "../terraform/files";
import { isAbsent, isMaybe, itemsOf } from "../terraform/maybe";

export type SettingValue = string | number | null | readonly string[];
export type Settings<Name extends string> = Readonly<Record<Name, SettingValue>>;

/** The settings that the scripts of both nouns read. */
export function commonSettings({
  name,
  architecture,
  store,
  network: { proxy },
}: Pick<BuilderSettings | WorkerSettings, "name" | "architecture" | "store" | "network">): Settings<CommonSetting> {
  return {
    CACHE_NAME: name,
    CACHE_ARCHITECTURE: architecture,
    IMAGE_STORE: store,
    HTTP_PROXY_URL: proxy.http,
    HTTPS_PROXY_URL: proxy.https,
    NO_PROXY_HOSTS: proxy.no,
  };
}

/** Base64 of the builder's user data, gzipped whole, as a local value. */
export function builderUserData(scope: Construct, settings: Settings<BuilderSetting>): TerraformLocal {
  refuseTooLong(scope, "builder", gzipSync(renderBuilder(asFarAsKnown(settings))).byteLength);
  const script = fileBeside(scope, "userdata/boot.sh", bundleScript("boot"));
  const lines = [SHEBANG, ...header(settings), str`file(${script})`];
  return new TerraformLocal(scope, "user_data", hcl`base64gzip(join("\n", ${lines}))`);
}

/** Path of the builder's second half, as Terraform reads it by `file()`. */
export function buildScript(scope: Construct): string {
  return fileBeside(scope, "userdata/build.sh", bundleScript("build"));
}

/** A worker's user data in all its forms, as expressions. A local value that nothing asks for is not declared. */
export class WorkerUserData {
  /** Base64 of the template's, gzipped whole. */
  readonly template: TerraformLocal;
  private readonly lines: WorkerLines;
  private readonly script: SettingValue;
  private readonly locals = new Map<string, string>();

  constructor(
    private readonly scope: Construct,
    settings: Settings<WorkerSetting>,
    start: WorkerSettings["start"],
  ) {
    const { USER_SCRIPT: script, ...others } = settings;
    const known = asFarAsKnown(settings);
    const rendered = start === "late" ? renderLateWorker(known) : renderWorker(known);
    refuseTooLong(scope, "worker", gzipSync(rendered).byteLength);
    const bundle = fileBeside(scope, "userdata/worker.sh", bundleScript("worker"));
    this.script = script;
    this.lines = {
      settings: [this.local("settings", () => joined(header(others).join("\n")))],
      script: {
        early: scriptLine(str`base64gzip(file(${bundle}))`),
        late: scriptLine(str`base64gzip(join("", [file(${this.fileOf("later-boots")}), file(${bundle})]))`),
      },
      userScript: settingLine("USER_SCRIPT", gzipped(script)),
      piece: (name) => str`file(${this.fileOf(name)})`,
    };
    this.template = new TerraformLocal(scope, "user_data", hcl`base64gzip(${this.startedAt(start)})`);
  }

  /** The plain script, which runs after Docker. */
  get plain(): string {
    const script = () => this.ifScript(() => userScriptLines(this.lines));
    return this.local("plain", () => joined(plainScript(this.lines, script())));
  }

  /** For the middle of a script. */
  get snippet(): string {
    return joined(snippet(this.lines));
  }

  /** A list of objects, as `cloudinit_config` has its parts: the consumer's only if there is a script. */
  get parts(): IResolvable {
    const [early, own] = [this.early, this.own].map(({ contentType, filename, content }) => ({
      content_type: contentType,
      filename,
      content,
    }));
    return hcl`concat([${early}], [for script in ${itemsOf(this.script)} : ${own}])`;
  }

  private startedAt(start: string): unknown {
    if (!Token.isUnresolved(start)) return start === "late" ? this.plain : this.mime;
    return hcl`${start} == "late" ? ${this.plain} : ${this.mime}`;
  }

  private get mime(): string {
    const part = () => this.ifScript(() => mimePart(this.own));
    const own = () => (isMaybe(this.script) ? this.local("script_part", part) : part());
    return this.local("mime", () => joined(mime(mimePart(this.early) + own())));
  }

  private get early(): UserDataPart {
    const { content, ...part } = earlyPart(this.lines);
    return { ...part, content: this.local("early", () => joined(content)) };
  }

  private get own(): UserDataPart {
    const { content, ...part } = scriptPart(this.lines);
    return { ...part, content: this.local("script", () => joined(content)) };
  }

  /** A text that is there only if a script is given. */
  private ifScript(text: () => string): string {
    if (isAbsent(this.script)) return "";
    return isMaybe(this.script) ? str`${this.script} == null ? "" : ${joined(text())}` : text();
  }

  /** A local value that is declared when it is first asked for. */
  private local(name: string, value: () => string): string {
    if (!this.locals.has(name))
      this.locals.set(name, new TerraformLocal(this.scope, `user_data_${name}`, value()).asString);
    return this.locals.get(name)!;
  }

  private fileOf(name: WorkerPiece): string {
    return fileBeside(this.scope, `userdata/${name}.sh`, workerPiece(name));
  }
}

/** Text as an expression: a line of it is a line of the Terraform code. */
function joined(text: string): string {
  return str`join("\n", ${text.split("\n")})`;
}

/** Fails the plan if user data is too long; base64 takes four bytes for three. */
export function userDataFits(
  noun: UserDataNoun,
  userData: TerraformLocal,
): { condition: string; errorMessage: string } {
  const most = Math.ceil(USER_DATA_MAXIMUM_BYTES / 3) * 4;
  return {
    condition: str`length(${userData.expression}) <= ${most}`,
    errorMessage: `User data takes more than ${USER_DATA_MAXIMUM_BYTES} bytes, the most that EC2 takes: ${SHORTEN_USER_DATA[noun]}.`,
  };
}

function header(settings: Readonly<Record<string, SettingValue>>): string[] {
  return Object.entries(settings).map(([name, value]) => settingLine(name, str`base64encode(${textOf(value)})`));
}

/** A setting's text: null is the empty string, a list one item a line. */
function textOf(value: SettingValue): unknown {
  if (isAbsent(value)) return "";
  if (isMaybe(value)) return hcl`${value} == null ? "" : ${value}`;
  if (Array.isArray(value)) return Token.isUnresolved(value) ? hcl`join("\n", ${value})` : value.join("\n");
  return typeof value === "number" && !Token.isUnresolved(value) ? String(value) : value;
}

function gzipped(script: SettingValue): string {
  if (isAbsent(script)) return "";
  return isMaybe(script) ? str`${script} == null ? "" : base64gzip(${script})` : str`base64gzip(${script})`;
}

/** Stand-in for a text that only the plan knows: about as long as an id or one of our names, and as hard to compress. */
const UNKNOWN = "9c1185a5c5e9fc54612808977ee8f548b2258d31";

function asFarAsKnown<Name extends string>(settings: Settings<Name>): Record<Name, string> {
  const known = Object.entries<SettingValue>(settings).map(([name, value]) => {
    const text = textOf(value);
    return [name, typeof text === "string" && !Token.isUnresolved(text) ? text : UNKNOWN];
  });
  return Object.fromEntries(known) as Record<Name, string>;
}

/** User data that EC2 would refuse. */
export class UserDataTooLong extends Error {
  override readonly name = "UserDataTooLong";
}

function refuseTooLong(scope: Construct, noun: UserDataNoun, bytes: number): void {
  const problem = checkUserDataSize(noun, bytes);
  if (problem !== undefined) throw new UserDataTooLong(`${scope.node.path}: ${problem}`);
}
