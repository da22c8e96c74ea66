package io.trustedlaunch.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestStateNameTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 10, 4_000_000_000L, Long.MAX_VALUE})
    void aNameIsReadBack(long number) {
        GuestStateVersion version = new GuestStateVersion(number, Long.MAX_VALUE - number + 1);

        assertThat(GuestStateName.parse(GuestStateName.of(version))).contains(version);
    }

    @Test
    void itIsTheDocumentedName() {
        assertThat(GuestStateName.of(new GuestStateVersion(3L, 12L))).isEqualTo("guest-state-3-12.p7m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "guest-state-3.p7m",
                "guest-state-03-7.p7m",
                "guest-state-3-07.p7m",
                "guest-state-0-7.p7m",
                "guest-state-3-0.p7m",
                "guest-state--3-7.p7m",
                "guest-state-+3-7.p7m",
                "guest-state-3-7-1.p7m",
                "guest-state- 3-7.p7m",
                "guest-state-3-7.p7m\n",
                "guest-state-3-7.P7M",
                "guest-state-3-7xp7m",
                "guest-state-3-7.p7m.rejected",
                ".guest-state-3-7.p7m",
                "../guest-state-3-7.p7m",
                "guest-state-٣-7.p7m",
                "guest-state-9223372036854775808-7.p7m",
                "guest-state-3-9999999999999999999.p7m",
                "guest-state-3-10000000000000000000.p7m"
            })
    void anyOtherNameIsNone(String name) {
        assertThat(GuestStateName.parse(name)).isEmpty();
    }
}
