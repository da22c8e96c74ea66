package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.time.Instant;
import java.util.List;

/** What fates of hosts have in common. */
record FailoverActs(Stage stage, NodeStatements words, ManagementControllers controllers, String guest, String uid) {
    static final String OPERATOR = "operator-1";

    /** A guest whose nodes die one after the other waits for a person. */
    void awaitGivenTo(String node) {
        TrustedLaunchVM given = stage.awaitVm(guest, "given to " + node, vm -> isOn(vm, node) || isRepeated(vm));
        if (!isOn(given, node)) {
            restart();
            stage.awaitVm(guest, "given to " + node + " after a restart", vm -> isOn(vm, node));
        }
    }

    private static boolean isOn(TrustedLaunchVM vm, String node) {
        return node.equals(vm.getStatus().nodeName());
    }

    private static boolean isRepeated(TrustedLaunchVM vm) {
        return Stage.condition(vm, ConditionType.Ready)
                .filter(ready -> ready.getReason().equals(Reason.FailoverRepeated.name()))
                .isPresent();
    }

    void restart() {
        stage.client
                .resources(TrustedLaunchVM.class)
                .inNamespace(stage.namespace)
                .withName(guest)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"" + Api.RESTARTED_AT + "\": \"" + Instant.now() + "\"}}}");
    }

    /** Its power was cut, whatever it died of, so it starts with new links. */
    void comeBack(String host) {
        controllers.switchOn(host);
        words.withdraw(host);
        words.awaitFence(host, Phase.Released);
        awaitHealed();
    }

    /** The VM has one incarnation and one domain, where its status says. */
    void awaitHealed() {
        await("one incarnation of the VM")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.incarnations(uid).size() == 1);
        await("one domain of the VM")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.lab
                        .hostsWithDomain(uid)
                        .equals(List.of(stage.get(guest).getStatus().nodeName())));
    }
}
