import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** Numbers of the repeated fields of descriptor.proto: FileDescriptorProto.message_type, DescriptorProto.field. */
const messageType = 4;
const fieldNumber = 2;

/** The comment above a top-level message or one of its fields, in one line; empty if there is none. */
export function commentOf(desc: DescField | DescMessage): string {
  const message = desc.kind === "message" ? desc : desc.parent;
  const { proto } = message.file;
  const place = [messageType, proto.messageType.indexOf(message.proto)];
  if (desc.kind === "field") place.push(fieldNumber, message.fields.indexOf(desc));
  const location = proto.sourceCodeInfo?.location.find(
    ({ path }) => path.length === place.length && path.every((part, i) => part === place[i]),
  );
  return (location?.leadingComments ?? "").trim().replaceAll(/\s*\n\s*/g, " ");
}
