package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.ApprovedRestore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PluginWriterTest {
    private static final ObjectRef MONDAY = new ObjectRef("monday");

    /** A merge patch leaves what it does not name. */
    @Test
    void anApprovalOfTheWholeVmTakesTheDisksOfAnEarlierOneAway() {
        assertThat(fields(new ApprovedRestore(MONDAY, "ada")))
                .containsEntry("disks", null)
                .containsEntry("startAtOnce", null)
                .containsEntry("approvedBy", "ada");
        assertThat(fields(new ApprovedRestore(MONDAY, List.of("data"), "ada")))
                .containsEntry("disks", List.of("data"))
                .containsEntry("backupRef", Map.of("name", "monday"));
        assertThat(fields(new ApprovedRestore(MONDAY, List.of(), true, "ada"))).containsEntry("startAtOnce", true);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> fields(ApprovedRestore approval) {
        Map<String, Map<String, Map<String, Object>>> patch =
                Serialization.unmarshal(PluginWriter.patch(approval), Map.class);
        return patch.get("spec").get("approveRestore");
    }
}
