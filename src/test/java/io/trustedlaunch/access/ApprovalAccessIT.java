package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Everyone who may write a VM can approve an older guest state, but only in their own name. */
class ApprovalAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static KubernetesClient ada;
    private static KubernetesClient grace;

    private String namespace;

    @BeforeAll
    static void impersonate() {
        ada = CLUSTER.impersonating("ada", List.of("system:masters"), Map.of());
        grace = CLUSTER.impersonating("grace", List.of("system:masters"), Map.of());
    }

    @BeforeEach
    void makeNamespace() {
        namespace = CLUSTER.namespace();
    }

    @Test
    void aUserApprovesInTheirOwnNameOnly() {
        create(ada, null);
        assertThatThrownBy(() -> approve(ada, 3, "grace"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.approveGuestState.approvedBy must be the name of the user who approves,"
                        + " which is \"ada\" here, not \"grace\"");
        assertThat(approve(ada, 3, "ada").approvedBy()).isEqualTo("ada");
    }

    @Test
    void aUserCannotChangeTheApprovalOfAnother() {
        create(ada, new ApprovedGuestState(3L, 7L, "ada", null));
        assertThatThrownBy(() -> approve(grace, 2, "ada")).isInstanceOf(KubernetesClientException.class);
        assertThat(approve(grace, 2, "grace").approvedBy()).isEqualTo("grace");
    }

    @Test
    void othersMayChangeTheVmAndRemoveTheApproval() {
        create(ada, new ApprovedGuestState(3L, 7L, "ada", null));
        assertThat(patch(grace, "{\"cores\": 4}").approveGuestState().approvedBy())
                .isEqualTo("ada");
        assertThat(patch(grace, "{\"approveGuestState\": null}").approveGuestState())
                .isNull();
    }

    @Test
    void aVmIsNotCreatedWithTheApprovalOfAnother() {
        assertThatThrownBy(() -> create(grace, new ApprovedGuestState(3L, 7L, "ada", null)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("approvedBy");
    }

    @Test
    void aUserApprovesARestoreInTheirOwnNameOnlyAndOthersMayRemoveIt() {
        create(ada, null);
        String restore = "{\"approveRestore\": {\"backupRef\": {\"name\": \"monday\"}, \"approvedBy\": \"ada\"}}";
        assertThatThrownBy(() -> patch(grace, restore))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.approveRestore.approvedBy must be the name of the user who approves,"
                        + " which is \"grace\" here, not \"ada\"");
        assertThat(patch(ada, restore).approveRestore().approvedBy()).isEqualTo("ada");
        assertThat(patch(grace, "{\"cores\": 4}").approveRestore()).isNotNull();
        assertThat(patch(grace, "{\"approveRestore\": null}").approveRestore()).isNull();
        patch(grace, "{\"runStrategy\": \"Always\"}");
        assertThatThrownBy(() -> patch(ada, restore))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("a restore takes a VM that is off");
    }

    private ApprovedGuestState approve(KubernetesClient user, long epoch, String by) {
        return patch(
                        user,
                        "{\"approveGuestState\": {\"epoch\": " + epoch + ", \"generation\": 7, \"approvedBy\": \"" + by
                                + "\"}}")
                .approveGuestState();
    }

    private TrustedLaunchVMSpec patch(KubernetesClient user, String spec) {
        return user.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("payroll")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + spec + "}")
                .getSpec();
    }

    private void create(KubernetesClient user, ApprovedGuestState approval) {
        user.resource(Vms.halted(namespace, spec -> spec.approveGuestState(approval)))
                .create();
    }
}
