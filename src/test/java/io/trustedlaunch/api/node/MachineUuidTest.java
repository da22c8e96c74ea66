package io.trustedlaunch.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineUuidTest {
    private static final MachineUuid MACHINE =
            MachineUuid.parse("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf").orElseThrow();

    @Test
    void caseAndSpacesDoNotMatter() {
        assertThat(MachineUuid.parse(" DD1F0B6F-7E2C-45ED-8737-B6004F4224CF\n")).contains(MACHINE);
    }

    @Test
    void aMachineIsTheSameInEitherOrderOfBytes() {
        MachineUuid swapped =
                MachineUuid.parse("6f0b1fdd-2c7e-ed45-8737-b6004f4224cf").orElseThrow();
        assertThat(MACHINE.isSameMachine(swapped)).isTrue();
        assertThat(swapped.isSameMachine(MACHINE)).isTrue();
        assertThat(MACHINE.isSameMachine(MACHINE)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dd1f0b6f-7e2c-45ed-8737-b6004f4224ce",
                // Only one of the three numbers in the other order, and the last two too.
                "6f0b1fdd-7e2c-45ed-8737-b6004f4224cf",
                "6f0b1fdd-2c7e-ed45-3787-cf24424f00b6"
            })
    void anyOtherIsAnotherMachine(String other) {
        assertThat(MACHINE.isSameMachine(MachineUuid.parse(other).orElseThrow()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dd1f0b6f7e2c45ed8737b6004f4224cf",
                "dd1f0b6f-7e2c-45ed-8737-b6004f4224cg",
                "00000000-0000-0000-0000-000000000000",
                "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                "03000200-0400-0500-0006-000700080009"
            })
    void whatManyMachinesHaveNamesNone(String text) {
        assertThat(MachineUuid.parse(text)).isEmpty();
        assertThat(MachineUuid.parse(null)).isEmpty();
    }
}
