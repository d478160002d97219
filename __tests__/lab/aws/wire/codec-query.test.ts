import { decodeForm, decodeXml, encodeForm, encodeXml } from "../../../../lab/aws/wire/codec-query";
import type { ServiceModel } from "../../../../lab/aws/wire/model";

/** A service with maps, as SNS has them. */
const MODEL: ServiceModel = {
  metadata: { protocol: "query", apiVersion: "2010-03-31" },
  operations: {},
  shapes: {
    Message: {
      type: "structure",
      members: { Attributes: { shape: "Texts" }, Typed: { shape: "Typed" }, Text: { shape: "Text" } },
    },
    Texts: { type: "map", key: { shape: "Text" }, value: { shape: "Text" } },
    Typed: {
      type: "map",
      key: { shape: "Text", locationName: "Name" },
      value: { shape: "Value", locationName: "Value" },
    },
    Value: { type: "structure", members: { Number: { shape: "Number" } } },
    Text: { type: "string" },
    Number: { type: "integer" },
  },
};
const MESSAGE = { Attributes: { Policy: '{"a": "<b>"}', Empty: "" }, Typed: { one: { Number: 1 } }, Text: "t" };
const ref = { shape: "Message" };

test("maps travel in forms as entries, both ways", () => {
  const form = encodeForm(MODEL, "Publish", ref, MESSAGE);
  expect(form.get("Attributes.entry.1.key")).toBe("Policy");
  expect(form.get("Typed.entry.1.Value.Number")).toBe("1");
  expect(decodeForm(MODEL, ref, form)).toEqual({ input: MESSAGE, unknown: [] });
});

test("and in answers", () => {
  const xml = encodeXml(MODEL, "Publish", { ...ref, resultWrapper: "PublishResult" }, MESSAGE, "request");
  expect(xml).toContain("<entry><key>Policy</key>");
  expect(decodeXml(MODEL, { ...ref, resultWrapper: "PublishResult" }, xml)).toEqual(MESSAGE);
  const none = encodeXml(MODEL, "Publish", { ...ref, resultWrapper: "PublishResult" }, { Attributes: {} }, "request");
  expect(decodeXml(MODEL, { ...ref, resultWrapper: "PublishResult" }, none)).toEqual({ Attributes: {} });
});
