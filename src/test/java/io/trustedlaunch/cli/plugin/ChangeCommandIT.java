package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.OwnThread;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How a real API server takes the patches of the commands for disks and cards. */
class ChangeCommandIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final int WRITERS = 6;

    private String namespace;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeVm() {
        namespace = CLUSTER.namespace();
        TrustedLaunchVM vm = Serialization.unmarshal("""
                metadata: {name: payroll}
                spec:
                  runStrategy: Halted
                  imageRef: {name: none}
                  cores: 2
                  memory: 1Gi
                  osDisk: {size: 10Gi}
                """, TrustedLaunchVM.class);
        vm.getMetadata().setNamespace(namespace);
        CLUSTER.admin().resource(vm).create();
    }

    @Test
    void aListIsMadeIsEmptiedAndIsFilledAgain() {
        assertThat(run("disk", "add", "payroll", "data", "--size", "1Gi"))
                .isEqualTo(new Ran(
                        0,
                        "trustedlaunchvm/payroll: empty data disk data (1Gi) added; takes effect at the next start\n",
                        ""));
        assertThat(run("disk", "add", "payroll", "more", "--size", "1Gi").err()).isEmpty();
        assertThat(run("disk", "grow", "payroll", "more", "--size", "2Gi").err())
                .isEmpty();
        assertThat(spec().dataDisks())
                .containsExactly(new DataDisk("data", new Quantity("1Gi")), new DataDisk("more", new Quantity("2Gi")));
        assertThat(run("disk", "remove", "payroll", "data").err()).isEmpty();
        assertThat(run("disk", "remove", "payroll", "more").err()).isEmpty();
        assertThat(spec().dataDisks()).isEmpty();

        assertThat(run("disk", "add", "payroll", "last", "--size", "1Gi").err()).isEmpty();
        assertThat(run("disk", "grow", "payroll", "os", "--size", "20Gi").err()).isEmpty();
        assertThat(spec().dataDisks()).containsExactly(new DataDisk("last", new Quantity("1Gi")));
        assertThat(spec().osDisk().size()).isEqualTo(new Quantity("20Gi"));
    }

    /** While the status changes, too. */
    @Test
    void noWriterTakesWhatAnotherOneHasAdded() {
        CompletableFuture<?>[] writers = IntStream.range(0, WRITERS)
                .mapToObj(writer -> OwnThread.run(() -> {
                    report(writer);
                    assertThat(run("disk", "add", "payroll", "disk" + writer, "--size", "1Gi")
                                    .err())
                            .isEmpty();
                    report(writer);
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(writers).join();

        assertThat(spec().dataDisks())
                .extracting(DataDisk::name)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, WRITERS)
                        .mapToObj(writer -> "disk" + writer)
                        .toList());
    }

    /** Once it has a TPM. */
    @Test
    void aCardComesMovesIsDisconnectedAndGoes() {
        String one = network();
        String other = network();
        vm().subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"vTPM\": {\"ekDigest\": \"abab\"}}}");

        assertThat(run("nic", "add", "payroll", "nic0", "--network", one).err()).isEmpty();
        assertThat(run("nic", "disconnect", "payroll", "nic0").err()).isEmpty();
        assertThat(spec().networkInterfaces()).containsExactly(new NetworkInterface("nic0", one, null, LinkState.Down));
        assertThat(run("nic", "connect", "payroll", "nic0", "--network", other).err())
                .isEmpty();
        assertThat(spec().networkInterfaces()).containsExactly(new NetworkInterface("nic0", other, null, LinkState.Up));
        assertThat(run("nic", "remove", "payroll", "nic0").err()).isEmpty();
        assertThat(spec().networkInterfaces()).isEmpty();
    }

    @Test
    void whatTheApiServerRefusesIsReportedAndNotTriedAgain() {
        assertThat(run("disk", "add", "payroll", "Data", "--size", "1Gi").err()).contains("spec.dataDisks[0].name");
        assertThat(run("disk", "add", "payroll", "data", "--size", "1Ki").err())
                .contains("the size of a data disk must be between 1Mi and 64Ti");
        assertThat(spec().dataDisks()).isEmpty();
    }

    @Test
    void aRemovedDiskIsNamedToBeDeleted() {
        vm().editStatus(seen -> {
            seen.setStatus(TrustedLaunchVMStatusBuilder.builder()
                    .removedDisks(List.of(new VmDisk("logs.7", "logs", new Quantity("1Gi"))))
                    .build());
            return seen;
        });

        assertThat(run("disk", "delete", "payroll", "logs.7", "--yes").err()).isEmpty();
        assertThat(spec().deletedDisks()).containsExactly("logs.7");
        assertThat(run("disk", "add", "payroll", "logs", "--from-removed", "logs.7")
                        .err())
                .contains("is in spec.deletedDisks");
    }

    private String network() {
        VMNetwork network = Serialization.unmarshal("""
                metadata: {generateName: vlan-}
                spec: {trafficFilter: clean-traffic}
                """, VMNetwork.class);
        return CLUSTER.create(network).getMetadata().getName();
    }

    /** Without regard to other writers. */
    private void report(int writer) {
        vm().subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"observedGeneration\": " + writer + "}}");
    }

    private TrustedLaunchVMSpec spec() {
        return vm().get().getSpec();
    }

    private Resource<TrustedLaunchVM> vm() {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("payroll");
    }

    private Ran run(String... command) {
        String[] arguments =
                Stream.concat(Stream.of(command), Stream.of("-n", namespace)).toArray(String[]::new);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = KubectlTlvm.line(arguments)
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }
}
