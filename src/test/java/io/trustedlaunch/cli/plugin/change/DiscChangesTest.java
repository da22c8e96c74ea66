package io.trustedlaunch.cli.plugin.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.cli.plugin.change.VmChange.Effect;
import org.junit.jupiter.api.Test;

/** What commands make of a VM's discs, and what they refuse. */
class DiscChangesTest {
    private static final String SPEC = """
            discs:
            - {name: tools, imageRef: {name: tools-1}}
            - {name: more}
            """;

    @Test
    void theFirstDriveOfAVmMakesTheListAndComesWithAStart() {
        VmChange change = new DiscChanges(DiskChangesTest.vm("{}\n", "{}\n")).insert("tools", "tools-1");

        assertThat(DiskChangesTest.json(change)).isEqualTo("""
                [{"op":"add","path":"/spec/discs","value":[{"name":"tools","imageRef":{"name":"tools-1"}}]}]""");
        assertThat(change.effect()).isEqualTo(Effect.AT_NEXT_START);
    }

    @Test
    void aDiscIsInsertedIntoADriveThatIsThere() {
        VmChange change = discs().insert("tools", "tools-2");

        assertThat(DiskChangesTest.json(change)).isEqualTo("""
                [{"op":"add","path":"/spec/discs/0/imageRef","value":{"name":"tools-2"}}]""");
        assertThat(change.text()).isEqualTo("GuestImage tools-2 inserted into drive tools");
        assertThat(change.effect()).isEqualTo(Effect.RUNNING);
        assertThat(DiskChangesTest.json(discs().insert("more", "tools-2"))).contains("/spec/discs/1/imageRef");
    }

    @Test
    void anEjectedDiscLeavesItsDrive() {
        VmChange change = discs().eject("tools");

        assertThat(DiskChangesTest.json(change)).isEqualTo("""
                [{"op":"remove","path":"/spec/discs/0/imageRef"}]""");
        assertThat(change.text()).isEqualTo("GuestImage tools-1 ejected from drive tools");
    }

    @Test
    void whatIsSoAlreadyOrTooMuchIsRefused() {
        assertThatThrownBy(() -> discs().insert("tools", "tools-1"))
                .hasMessageContaining("has GuestImage tools-1 already");
        assertThatThrownBy(() -> discs().insert("third", "tools-1"))
                .hasMessageContaining("has 2 drives already, tools and more");
        assertThatThrownBy(() -> discs().eject("more")).hasMessageContaining("is empty already");
        assertThatThrownBy(() -> discs().eject("third")).hasMessageContaining("has no drive third");
    }

    private static DiscChanges discs() {
        return new DiscChanges(DiskChangesTest.vm(SPEC, "{}\n"));
    }
}
