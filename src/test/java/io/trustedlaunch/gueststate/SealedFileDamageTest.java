package io.trustedlaunch.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every field of the CMS structure, with every kind of damage that a disk, a copy or a person does to it. */
class SealedFileDamageTest {
    private static final SealedField[] FIELDS = SealedField.values();

    private final GuestStateFixture fixture = new GuestStateFixture();
    private final byte[] file = fixture.sealed;
    private final DerNode root = DerNode.parse(file);
    private final List<DerNode> nodes = root.flattened().toList();
    private final List<Damage> damages = new ArrayList<>();

    @Test
    void everyDamageOfEveryFieldHasItsFault() {
        assertThat(nodes).as("fields in the file").hasSameSizeAs(FIELDS);
        for (SealedField field : FIELDS) {
            DerNode node = nodes.get(field.ordinal());
            flips(field, node);
            cuts(field, node);
            zeros(field, node);
            if (node.isConstructed()) {
                rearrangements(field, node);
            } else {
                sizes(field, node);
            }
            copies(field, node);
            swaps(field, node);
        }

        Damage.checkAll("sealed file", damages, fixture::open);
    }

    private void flips(SealedField field, DerNode node) {
        add(field, "tag flipped", Damage.flipped(file, node.at(), 0x01), GuestStateFault.NOT_SEALED);
        add(field, "constructed bit flipped", Damage.flipped(file, node.at(), 0x20), GuestStateFault.NOT_SEALED);
        // The message's own length: it now claims a byte of length more, and so far more content than there is.
        add(
                field,
                "length flipped",
                Damage.flipped(file, node.at() + 1, 0x01),
                field == SealedField.MESSAGE ? GuestStateFault.TRUNCATED : GuestStateFault.NOT_SEALED);
        if (!node.isConstructed()) {
            int last = node.valueAt() + node.value().length - 1;
            add(field, "first bit flipped", Damage.flipped(file, node.valueAt(), 0x80), field.whereAltered());
            add(field, "last bit flipped", Damage.flipped(file, last, 0x01), field.whereAltered());
            add(field, "first byte inverted", Damage.flipped(file, node.valueAt(), 0xff), field.whereAltered());
            add(field, "last byte inverted", Damage.flipped(file, last, 0xff), field.whereAltered());
            rebuilt(field, "zeroed", node, node.withValue(new byte[node.value().length]), field.whereAltered());
        }
    }

    /** The file ends there, as after a copy that was broken off or a write that ran out of space. */
    private void cuts(SealedField field, DerNode node) {
        int end = node.at() + node.encoded().length;
        Map.of("before it", node.at(), "after its tag", node.at() + 1, "in its middle", (node.at() + end) / 2)
                .forEach((where, length) -> add(
                        field,
                        "cut " + where,
                        Arrays.copyOf(file, length),
                        length == 0 ? GuestStateFault.EMPTY : GuestStateFault.TRUNCATED));
    }

    /** The file keeps its length, with zeros from there on, as after a crash of a host. */
    private void zeros(SealedField field, DerNode node) {
        byte[] zeroed = file.clone();
        Arrays.fill(zeroed, node.at(), zeroed.length, (byte) 0);
        add(field, "and what follows zeroed", zeroed, GuestStateFault.NOT_SEALED);
    }

    /** With every length around it corrected. */
    private void sizes(SealedField field, DerNode node) {
        byte[] value = node.value();
        byte[] longer = Arrays.copyOf(value, value.length + 1);
        byte[] withoutFirst = Arrays.copyOfRange(value, 1, value.length);
        rebuilt(field, "extended", node, node.withValue(longer), field.whereResized());
        rebuilt(field, "shortened", node, node.withValue(Arrays.copyOf(value, value.length - 1)), field.whereResized());
        rebuilt(field, "beheaded", node, node.withValue(withoutFirst), field.whereResized());
        rebuilt(field, "emptied", node, node.withValue(new byte[0]), field.whereResized());
    }

    private void rearrangements(SealedField field, DerNode node) {
        List<DerNode> children = node.children();
        DerNode nothing = new DerNode(-1, 0x05, new byte[0], List.of());
        List<DerNode> more =
                Stream.concat(children.stream(), Stream.of(nothing)).toList();
        rebuilt(field, "extended", node, node.withChildren(more), GuestStateFault.NOT_SEALED);
        rebuilt(field, "emptied", node, node.withChildren(List.of()), GuestStateFault.NOT_SEALED);
        rebuilt(field, "reversed", node, node.withChildren(children.reversed()), GuestStateFault.NOT_SEALED);
    }

    private void copies(SealedField field, DerNode node) {
        boolean whole = field == SealedField.MESSAGE;
        add(
                field,
                "removed",
                DerNode.encoded(root.replacing(node, found -> List.of())),
                whole ? GuestStateFault.EMPTY : GuestStateFault.NOT_SEALED);
        add(
                field,
                "doubled",
                DerNode.encoded(root.replacing(node, found -> List.of(found.getFirst(), found.getFirst()))),
                whole ? GuestStateFault.TRAILING_BYTES : GuestStateFault.NOT_SEALED);
    }

    private void swaps(SealedField field, DerNode node) {
        Map<GuestStateFault, byte[]> others = Map.of(
                GuestStateFault.OTHER_VM, fixture.ofOtherVm,
                GuestStateFault.OTHER_KEY, fixture.underOtherKey,
                GuestStateFault.NOT_WHAT_IT_IS_NAMED, fixture.older);
        others.forEach((whole, other) -> {
            DerNode same = DerNode.parse(other).flattened().toList().get(field.ordinal());
            if (!Arrays.equals(same.encoded(), node.encoded())) {
                add(
                        field,
                        "swapped, " + whole,
                        DerNode.encoded(root.replacing(node, found -> List.of(same))),
                        field.whereSwapped(whole));
            }
        });
    }

    private void rebuilt(SealedField field, String how, DerNode node, DerNode other, GuestStateFault expected) {
        UnaryOperator<List<DerNode>> replacement = found -> List.of(other);
        add(field, how, DerNode.encoded(root.replacing(node, replacement)), expected);
    }

    /** Unchanged bytes are no damage: the order of one child reversed, a zero zeroed. */
    private void add(SealedField field, String how, byte[] damaged, GuestStateFault expected) {
        if (!Arrays.equals(damaged, file)) {
            damages.add(new Damage(field + " " + how, damaged, expected));
        }
    }
}
