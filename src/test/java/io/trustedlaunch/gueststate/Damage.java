package io.trustedlaunch.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Refused;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.assertj.core.api.SoftAssertions;

/**
 * One case of a table.
 *
 * @param what the field, and what was done to it
 * @param bytes the result
 */
record Damage(String what, byte[] bytes, GuestStateFault expected) {
    Damage {
        bytes = bytes.clone();
    }

    /** Without duplicates: damages with the same bytes. */
    static List<Damage> distinct(List<Damage> all) {
        Set<ByteBuffer> seen = new HashSet<>();
        return all.stream()
                .filter(each -> seen.add(ByteBuffer.wrap(each.bytes)))
                .toList();
    }

    static void checkAll(String table, List<Damage> damages, Function<byte[], Opening> open) {
        assertThat(damages).extracting(Damage::what).doesNotHaveDuplicates();
        List<Damage> distinct = distinct(damages);
        SoftAssertions softly = new SoftAssertions();
        for (Damage damage : distinct) {
            softly.assertThat(open.apply(damage.bytes))
                    .as(damage.what)
                    .isInstanceOfSatisfying(Refused.class, refused -> {
                        softly.assertThat(refused.fault())
                                .as(damage.what + ": " + refused.message())
                                .isEqualTo(damage.expected);
                        softly.assertThat(refused.fault().reason())
                                .as(damage.what)
                                .isEqualTo(reasonOf(damage.expected));
                    });
        }
        softly.assertAll();
        System.out.println(
                table + ": " + distinct.size() + " distinct cases of damage, each with its fault and reason");
    }

    /** Faults that need different actions have different reasons. */
    private static Reason reasonOf(GuestStateFault fault) {
        return switch (fault) {
            case EMPTY, TOO_LARGE, TRUNCATED, TRAILING_BYTES -> Reason.GuestStateWrongLength;
            case NOT_SEALED -> Reason.GuestStateUnrecognized;
            case LABEL_ALTERED, WRAPPED_KEY_ALTERED, CONTENT_ALTERED -> Reason.GuestStateAltered;
            case CONTENT_DAMAGED -> Reason.GuestStateContradictory;
            case OTHER_VM -> Reason.GuestStateOfOtherVm;
            case OTHER_KEY -> Reason.GuestStateUnderOtherKey;
            case NOT_WHAT_IT_IS_NAMED -> Reason.GuestStateRenamed;
            case UNSUPPORTED_FORMAT -> Reason.GuestStateUnsupported;
        };
    }

    static byte[] flipped(byte[] bytes, int at, int mask) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) mask;
        return copy;
    }
}
