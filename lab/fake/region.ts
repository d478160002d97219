/** The fake's memory of a region, and the code that all its commands share: errors, filters, pages. */
import type { RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import { ACCOUNT, NOW } from "./example-state";

interface Fake {
  /** Before this moment no call sees it. */
  visibleAt: number;
  tags: Record<string, string>;
}

export interface FakeSnapshot extends Fake {
  readonly id: string;
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly startTime: number;
  completesAt: number;
  failed: boolean;
  archived: boolean;
}

export interface FakeVersion {
  readonly number: number;
  readonly data: RequestLaunchTemplateData;
  readonly description: string | undefined;
  readonly createdBy: string;
  readonly visibleAt: number;
}

export interface FakeTemplate extends Fake {
  readonly id: string;
  versions: FakeVersion[];
  defaultVersion: number;
  lastNumber: number;
}

export interface FakeVolume extends Fake {
  readonly id: string;
  state: string;
  readonly createdAt: number;
  readonly snapshotId?: string;
}

export interface FakeInstance extends Fake {
  readonly id: string;
  state: string;
  readonly launchedAt: number;
}

export interface FakeRestore {
  readonly snapshotId: string;
  readonly zone: string;
  readonly enablingAt: number;
  readonly enabledAt: number;
}

export interface FakeGroup {
  readonly name: string;
  readonly templateId: string;
  readonly version: string;
  readonly mixed?: boolean;
}

export interface FakeAws {
  readonly region: string;
  now: number;
  /** Items per page, regardless of the caller's request. */
  pageSize: number;
  /** Time for which a new snapshot, instance or template version stays unseen. */
  staleMilliseconds: number;
  /** From `enabling` to `enabled`. */
  restoreMilliseconds: number;
  readonly parameters: Map<string, { value: string; writtenAt: number }[]>;
  readonly snapshots: Map<string, FakeSnapshot>;
  readonly templates: Map<string, FakeTemplate>;
  readonly volumes: Map<string, FakeVolume>;
  readonly instances: Map<string, FakeInstance>;
  readonly images: Map<string, readonly string[]>;
  readonly groups: FakeGroup[];
  restores: FakeRestore[];
  readonly locks: Set<string>;
  /** AMIs that are disabled: DescribeImages leaves them out unless it is asked to include them. */
  readonly disabledImages: Set<string>;
  /** Snapshots whose deletion a policy denies, e.g. for a legal hold: no list says so. */
  readonly holds: Set<string>;
  readonly shares: Set<string>;
  /** Client tokens and the versions that they made. */
  readonly tokens: Map<string, number>;
  /** Rest of each list that was begun. */
  readonly cursors: Map<string, readonly unknown[]>;
  /** Commands in the order in which they were carried out. */
  readonly calls: string[];
  /** Pages among them. */
  pages: number;
  nextId: number;
}

export type Command = (fake: FakeAws, input: never) => unknown;

export function createFakeAws(region = "eu-west-1", change: Partial<FakeAws> = {}): FakeAws {
  return {
    region,
    now: NOW,
    pageSize: 3,
    staleMilliseconds: 0,
    restoreMilliseconds: 30 * 60_000,
    parameters: new Map(),
    snapshots: new Map(),
    templates: new Map(),
    volumes: new Map(),
    instances: new Map(),
    images: new Map(),
    groups: [],
    restores: [],
    locks: new Set(),
    disabledImages: new Set(),
    holds: new Set(),
    shares: new Set(),
    tokens: new Map(),
    cursors: new Map(),
    calls: [],
    pages: 0,
    // Ids of one region never look like those of another.
    nextId: region === "eu-west-1" ? 1 : 0x1000,
    ...change,
  };
}

/** A new id, e.g. `snap-0001`. */
export function newId(fake: FakeAws, prefix: string): string {
  return `${prefix}-${(fake.nextId++).toString(16).padStart(4, "0")}`;
}

export function awsError(code: string, message = code): Error {
  return Object.assign(new Error(message), { name: code });
}

export interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

/** True if an item bears what the filters ask for; other filters than tags are read from `fields`. */
export function matches(
  tags: Record<string, string>,
  filters: readonly Filter[] = [],
  fields: Record<string, string> = {},
): boolean {
  return filters.every(({ Name = "", Values = [] }) => {
    if (Name === "tag-key") return Values.some((key) => key in tags);
    const value = Name.startsWith("tag:") ? tags[Name.slice(4)] : fields[Name];
    return value !== undefined && Values.includes(value);
  });
}

/** One page of the items, as EC2, SSM and Auto Scaling all do it. What is deleted in between may still be on a later page. */
export function page<T>(
  fake: FakeAws,
  items: readonly T[],
  token: string | undefined,
  most = fake.pageSize,
): { items: T[]; NextToken?: string } {
  fake.pages++;
  const rest = (token === undefined ? items : (fake.cursors.get(token) ?? [])) as readonly T[];
  const size = Math.min(most, fake.pageSize);
  if (rest.length <= size) return { items: [...rest] };
  const next = newId(fake, "token");
  fake.cursors.set(next, rest.slice(size));
  return { items: rest.slice(0, size), NextToken: next };
}

export function tagList(tags: Record<string, string>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export const isVisible = (fake: FakeAws, item: { visibleAt: number }) => item.visibleAt <= fake.now;
export const OWNER = ACCOUNT;
