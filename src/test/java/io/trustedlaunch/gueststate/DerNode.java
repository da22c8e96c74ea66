package io.trustedlaunch.gueststate;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A TLV of a well-formed DER message, to take apart and to put together otherwise. Written by hand, so that the tests do
 * not read with what they test.
 *
 * @param at where its tag stands in the message it was read from; the tag is one byte here
 * @param value empty where there are children
 * @param children of a constructed one
 */
record DerNode(int at, int tag, byte[] value, List<DerNode> children) {
    private static final int CONSTRUCTED = 0x20;

    static DerNode parse(byte[] message) {
        return parse(message, 0);
    }

    private static DerNode parse(byte[] message, int at) {
        int first = message[at + 1] & 0xff;
        int lengthBytes = first < 0x80 ? 0 : first & 0x7f;
        int length = lengthBytes == 0 ? first : 0;
        for (int index = 0; index < lengthBytes; index++) {
            length = length << 8 | (message[at + 2 + index] & 0xff);
        }
        int valueAt = at + 2 + lengthBytes;
        List<DerNode> children = new ArrayList<>();
        if ((message[at] & CONSTRUCTED) == 0) {
            return new DerNode(
                    at, message[at] & 0xff, Arrays.copyOfRange(message, valueAt, valueAt + length), children);
        }
        for (int next = valueAt; next < valueAt + length; ) {
            DerNode child = parse(message, next);
            children.add(child);
            next += child.encoded().length;
        }
        return new DerNode(at, message[at] & 0xff, new byte[0], children);
    }

    boolean isConstructed() {
        return (tag & CONSTRUCTED) != 0;
    }

    Stream<DerNode> flattened() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(DerNode::flattened));
    }

    /** Where the value begins in the message. */
    int valueAt() {
        return at + encoded().length - content().length;
    }

    DerNode withValue(byte[] other) {
        return new DerNode(at, tag, other, List.of());
    }

    DerNode withChildren(List<DerNode> others) {
        return new DerNode(at, tag, value, others);
    }

    /** This tree with {@code target} replaced by none, one or more nodes. */
    List<DerNode> replacing(DerNode target, UnaryOperator<List<DerNode>> replacement) {
        if (at == target.at) {
            return replacement.apply(List.of(this));
        }
        return List.of(withChildren(children.stream()
                .flatMap(child -> child.replacing(target, replacement).stream())
                .toList()));
    }

    byte[] encoded() {
        byte[] content = content();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int significant = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
        if (content.length >= 0x80) {
            out.write(0x80 | significant);
            for (int index = significant - 1; index >= 0; index--) {
                out.write(content.length >> (8 * index));
            }
        } else {
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    static byte[] encoded(List<DerNode> nodes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        nodes.forEach(node -> out.writeBytes(node.encoded()));
        return out.toByteArray();
    }

    private byte[] content() {
        return isConstructed() ? encoded(children) : value;
    }
}
