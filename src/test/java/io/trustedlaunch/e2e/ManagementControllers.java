package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.e2e.HostDeath.ControllerFault;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The management controllers of the hosts, and their FenceDevices. */
final class ManagementControllers implements AutoCloseable {
    private final Stage stage;
    private String off = "";

    /** With a fencer beside them. */
    static ManagementControllers withFencer(Stage stage) {
        stage.lab.run("fencer", "start").orFail();
        return new ManagementControllers(stage);
    }

    /** For a fencer that is there. */
    ManagementControllers(Stage stage) {
        this.stage = stage;
        stage.lab.run("bmc", "start").orFail();
        // The fencer tests a device again after minutes.
        await("the machines of the hosts to be taken over")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.lab.hosts().stream().allMatch(this::isMachineKnown));
        stage.client
                .load(new ByteArrayInputStream(
                        stage.lab.run("bmc", "devices").orFail().getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(object -> stage.client.resource(object).createOr(present -> present.update()));
        stage.lab.hosts().forEach(this::awaitReady);
    }

    private boolean isMachineKnown(String host) {
        ClusterNode node =
                stage.client.resources(ClusterNode.class).withName(host).get();
        return node != null && node.getSpec().machineUUID() != null;
    }

    private void awaitReady(String host) {
        await("the FenceDevice of " + host + " to be ready")
                .atMost(Stage.TIMEOUT)
                .until(() -> {
                    FenceDevice device = stage.client
                            .resources(FenceDevice.class)
                            .withName(host)
                            .get();
                    return device.getStatus() != null
                            && ConditionType.Ready.in(device.getStatus().conditions())
                                    .filter(ready -> ready.getStatus().equals("True"))
                                    .isPresent();
                });
    }

    /** This host, which is about to die. */
    void fenceAutomatically(String host) {
        automatic(host, true);
        mayBeOff(host);
    }

    /** From now on, until it is switched on or known to be on. */
    void mayBeOff(String host) {
        off = host;
    }

    void isOn() {
        off = "";
    }

    /** What they do with the next commands to switch a host. */
    void fail(List<ControllerFault> faults) {
        List<String> arguments = new ArrayList<>(List.of("fault"));
        faults.forEach(fault -> arguments.add(fault.name().toLowerCase(Locale.ROOT)));
        stage.lab.run("bmc", arguments.toArray(String[]::new)).orFail();
    }

    /** The host is started, and is not fenced while it is silent. */
    void switchOn(String host) {
        automatic(host, false);
        stage.lab.run("host", host, "start").orFail();
        isOn();
    }

    private void automatic(String host, boolean automatic) {
        stage.client
                .resources(FenceDevice.class)
                .withName(host)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"automatic\": " + automatic + "}}");
    }

    @Override
    public void close() {
        fail(List.of());
        stage.client.resources(FenceDevice.class).delete();
        if (!off.isEmpty()) {
            // Frozen, perhaps.
            stage.lab.run("host", off, "crash");
            stage.lab.run("host", off, "start").orFail();
        }
        stage.lab.run("fencer", "stop");
        stage.lab.run("bmc", "stop");
    }
}
