/** Bucket and key by host and path: nothing that S3 keeps apart may fall together, and nothing is guessed. */
import { copySourceOf, copySourceText, decodeS3, encodeS3 } from "../../../../lab/aws/s3-names";
import { addressOf, isForS3 } from "../../../../lab/aws/wire/s3-address";
import { authorization } from "../services/s3/send";

const signed = authorization();

/** A GET, signed for S3 unless it says otherwise. */
function get(host: string, url = "/", headers: Record<string, string> = { authorization: signed }) {
  return { method: "GET", url, headers: { host, ...headers }, body: Buffer.alloc(0) };
}

test.each<[string, string, object]>([
  ["b-1.s3.eu-west-1.amazonaws.com", "/k", { bucket: "b-1", key: "k", region: "eu-west-1" }],
  ["B-1.S3.eu-west-1.AMAZONAWS.com:443", "/k", { bucket: "b-1", key: "k", region: "eu-west-1" }],
  ["b-1.s3.amazonaws.com", "/", { bucket: "b-1" }],
  ["b-1.s3.dualstack.eu-west-1.amazonaws.com", "/", { bucket: "b-1", region: "eu-west-1" }],
  ["b-1.s3.cn-north-1.amazonaws.com.cn", "/", { bucket: "b-1", region: "cn-north-1" }],
  ["b-1.s3.us-gov-west-1.amazonaws.com", "/", { bucket: "b-1", region: "us-gov-west-1" }],
  ["s3.eu-west-1.amazonaws.com", "/b-1/k", { bucket: "b-1", key: "k", region: "eu-west-1" }],
  ["s3.dualstack.eu-west-1.amazonaws.com", "/b-1", { bucket: "b-1", region: "eu-west-1" }],
  ["s3.amazonaws.com", "/b-1/", { bucket: "b-1" }],
  ["s3.amazonaws.com", "/", {}],
  ["127.0.0.1:4566", "/b-1/k", { bucket: "b-1", key: "k" }],
  ["localhost", "/b-1/k?acl", { bucket: "b-1", key: "k" }],
  // Names with dots, and with S3's own labels.
  ["a.b.c.s3.eu-west-1.amazonaws.com", "/", { bucket: "a.b.c", region: "eu-west-1" }],
  ["x.s3.eu-west-1.s3.amazonaws.com", "/", { bucket: "x.s3.eu-west-1" }],
  ["x.s3.s3.eu-west-1.amazonaws.com", "/", { bucket: "x.s3", region: "eu-west-1" }],
  ["www.b-1.s3.amazonaws.com", "/", { bucket: "www.b-1" }],
  // The path is not normalised, and slashes count whether or not they are encoded.
  ["b-1.s3.amazonaws.com", "/app/branches/../main", { bucket: "b-1", key: "app/branches/../main" }],
  ["b-1.s3.amazonaws.com", "/app/branches/%2E%2E/main", { bucket: "b-1", key: "app/branches/../main" }],
  ["b-1.s3.amazonaws.com", "//a//b/", { bucket: "b-1", key: "/a//b/" }],
  ["s3.amazonaws.com", "/b-1//a", { bucket: "b-1", key: "/a" }],
  ["s3.amazonaws.com", "/b-1/%2Fa", { bucket: "b-1", key: "/a" }],
  ["s3.amazonaws.com", "/b-1/a%2fb", { bucket: "b-1", key: "a/b" }],
  ["s3.amazonaws.com", "/b-1/a%252Fb", { bucket: "b-1", key: "a%2Fb" }],
  ["s3.amazonaws.com", "/b%2D1/a", { bucket: "b-1", key: "a" }],
  ["b-1.s3.amazonaws.com", "/a%3Facl?x", { bucket: "b-1", key: "a?acl" }],
  ["b-1.s3.amazonaws.com", "/a+b%2Bc%20d", { bucket: "b-1", key: "a b+c d" }],
  ["b-1.s3.amazonaws.com", "/a;b:c@d=e", { bucket: "b-1", key: "a;b:c@d=e" }],
  ["b-1.s3.amazonaws.com", "/%C3%BC%F0%9F%90%B3", { bucket: "b-1", key: "ü🐳" }],
])("http://%s%s is %j", (host, url, address) => {
  expect(isForS3(get(host, url))).toBe(true);
  expect(addressOf(get(host, url))).toEqual({ region: undefined, ...address });
});

test.each([
  ["b-1.s3-accelerate.amazonaws.com", "/", "NotImplemented"],
  ["b-1.s3-fips.us-east-1.amazonaws.com", "/", "NotImplemented"],
  ["s3-eu-west-1.amazonaws.com", "/b-1", "NotImplemented"],
  ["b-1.s3-website-eu-west-1.amazonaws.com", "/", "NotImplemented"],
  ["p-1.s3-accesspoint.eu-west-1.amazonaws.com", "/", "NotImplemented"],
  ["b-1.s3.nowhere.amazonaws.com", "/", "NotImplemented"],
  ["b-1.example.com", "/", "NotImplemented"],
  ["sqs.eu-west-1.amazonaws.com", "/", "NotImplemented"],
  ["s3.amazonaws.com", "//b-1/k", "InvalidURI"],
  ["s3.amazonaws.com", "http://s3.amazonaws.com/b-1", "InvalidURI"],
  ["b-1.s3.amazonaws.com", "/a#b", "InvalidURI"],
  ["b-1.s3.amazonaws.com", "/%zz", "InvalidURI"],
  ["b-1.s3.amazonaws.com", "/%FF", "InvalidURI"],
  ["s3.amazonaws.com", "/B_1/k", "InvalidBucketName"],
  ["s3.amazonaws.com", "/b-1%2Fk", "InvalidBucketName"],
  ["s3.amazonaws.com", "/../k", "InvalidBucketName"],
  ["b-1.s3.amazonaws.com", `/${"ü".repeat(513)}`, "KeyTooLongError"],
])("http://%s%s is %s", (host, url, code) => {
  expect(() => addressOf(get(host, url))).toThrow(expect.objectContaining({ code }));
});

const form = { "content-type": "application/x-www-form-urlencoded" };
test.each<[string, boolean, ReturnType<typeof get>]>([
  ["unsigned, for a bucket's host", true, get("b-1.s3.amazonaws.com", "/moto-api/reset", {})],
  ["unsigned, at this machine's address", true, get("127.0.0.1:4566", "/b-1/k", {})],
  ["signed in the query", true, get("127.0.0.1", "/b-1?X-Amz-Credential=k/20260101/eu-west-1/s3/aws4_request", {})],
  [
    "signed for another service at S3's host",
    true,
    get("s3.amazonaws.com", "/", { authorization: authorization("k", "eu-west-1", "sqs") }),
  ],
  [
    "signed for another service",
    false,
    get("127.0.0.1", "/", { authorization: authorization("k", "eu-west-1", "sqs") }),
  ],
  [
    "signed for a kin of S3",
    true,
    get("127.0.0.1", "/", { authorization: authorization("k", "eu-west-1", "s3express") }),
  ],
  // All that moto takes for one: it is refused, as nobody signed it.
  ["unsigned, for another service's host", true, get("sts.eu-west-1.amazonaws.com", "/", {})],
  ["of an old signature", true, get("example.com", "/?Action=AssumeRoleWithSAML", { authorization: "AWS k:s" })],
  ["an unsigned call of a query", false, get("127.0.0.1", "/?Action=AssumeRoleWithWebIdentity", {})],
  [
    "an unsigned call of a form",
    false,
    { ...get("127.0.0.1", "/", form), method: "POST", body: Buffer.from("Action=AssumeRoleWithSAML") },
  ],
  [
    "an unsigned call that has to be signed",
    true,
    { ...get("127.0.0.1", "/", form), method: "POST", body: Buffer.from("Action=A") },
  ],
  ["an unsigned call by a target", true, get("127.0.0.1", "/", { "x-amz-target": "Cognito.GetId" })],
  ["moto's own", false, get("127.0.0.1", "/moto-api/reset", {})],
])("a request %s is one to S3: %p", (_, expected, request) => {
  expect(isForS3(request)).toBe(expected);
});

test.each<[string, object]>([
  ["b-1/a/b", { bucket: "b-1", key: "a/b" }],
  ["/b-1/a/b", { bucket: "b-1", key: "a/b" }],
  ["%2Fb-1%2Fa%2Fb", { bucket: "b-1", key: "a/b" }],
  ["b-1/blobs/sha256:00ff", { bucket: "b-1", key: "blobs/sha256:00ff" }],
  ["b-1//a/../b", { bucket: "b-1", key: "/a/../b" }],
  ["b-1/a+b%2Bc", { bucket: "b-1", key: "a b+c" }],
  ["b-1/a%3FversionId=1", { bucket: "b-1", key: "a?versionId=1" }],
  ["b-1/a?versionId=1%2B", { bucket: "b-1", key: "a", versionId: "1+" }],
])("the source of a copy %s is %j", (header, source) => {
  expect(copySourceOf(header)).toEqual({ versionId: undefined, ...source });
  expect(copySourceOf(copySourceText(copySourceOf(header)))).toEqual(copySourceOf(header));
});

test.each([
  "",
  "b-1",
  "b-1/",
  "//b-1/k",
  "b-1/k?x=1",
  "b-1/k?versionId=",
  "b-1/k?versionId=1&x=2",
  "b-1/k?a?versionId=1",
  "arn:aws:s3:eu-west-1:1:accesspoint/p/object/k",
])("%p is no source of a copy", (header) => {
  expect(() => copySourceOf(header)).toThrow(expect.objectContaining({ code: "InvalidArgument" }));
});

test("what is encoded once is decoded to the same", () => {
  const odd = "a/..//b c+d%2F?#;:@&=$!'()*,~ü🐳\r\n";
  expect(decodeS3(encodeS3(odd))).toBe(odd);
  expect(encodeS3(odd)).toMatch(/^[A-Za-z0-9%._~-]+$/);
});
