package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** How the commands for disks and cards write. */
class ChangeCommandTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");

    private PlayedApiServer server;

    @BeforeEach
    void aVmThatRuns(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
        server.have(vm("1", "dataDisks: [{name: data, size: 20Gi}]"));
        server.have(Serialization.unmarshal("""
                metadata: {name: vlan-42}
                spec: {allowedNamespaces: [finance], trafficFilter: clean-traffic}
                """, VMNetwork.class));
        server.have(Serialization.unmarshal("""
                metadata: {name: vlan-43}
                spec: {allowedNamespaces: [finance], trafficFilter: clean-traffic}
                """, VMNetwork.class));
        server.have(Serialization.unmarshal("""
                metadata: {name: vlan-acme}
                spec: {allowedNamespaces: [acme], trafficFilter: clean-traffic}
                """, VMNetwork.class));
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void aChangeIsOfTheVersionThatWasReadAndSaysWhenItTakesEffect() {
        assertThat(server.run("disk", "grow", "payroll", "data", "--size", "40Gi"))
                .isEqualTo(new Ran(
                        0,
                        "trustedlaunchvm/payroll: data disk data grows from 20Gi to 40Gi; the guest is given that while it runs"
                                + " (condition RestartRequired says if it cannot be)\n",
                        ""));
        assertThat(server.writes()).containsExactly("PATCH payroll");
        assertThat(server.lastWritten()).isEqualTo("""
                [{"op":"replace","path":"/metadata/resourceVersion","value":"1"},\
                {"op":"replace","path":"/spec/dataDisks/0/size","value":"40Gi"}]""");
    }

    /** The place of an entry may be another's by then. */
    @Test
    void whatAnotherWriterHasChangedMeanwhileIsReadAgain() {
        server.conflict(vm("2", "dataDisks: [{name: first, size: 1Gi}, {name: data, size: 30Gi}]"));

        assertThat(server.run("disk", "grow", "payroll", "data", "--size", "40Gi")
                        .out())
                .contains("grows from 30Gi to 40Gi");
        assertThat(server.writes()).containsExactly("PATCH payroll", "PATCH payroll");
        assertThat(server.lastWritten())
                .contains("\"value\":\"2\"")
                .contains("{\"op\":\"replace\",\"path\":\"/spec/dataDisks/1/size\",\"value\":\"40Gi\"}");
    }

    @Test
    void whatAnotherWriterHasMadeImpossibleIsRefused() {
        server.conflict(vm("2", "dataDisks: [{name: data, size: 80Gi}]"));

        assertThat(server.run("disk", "grow", "payroll", "data", "--size", "40Gi")
                        .err())
                .startsWith("error: data disk data of TrustedLaunchVM finance/payroll has 80Gi");
        assertThat(server.writes()).hasSize(1);
    }

    @Test
    void anotherVmOfTheNameIsNotChanged() {
        TrustedLaunchVM other = vm("2", "dataDisks: [{name: data, size: 20Gi}]");
        other.getMetadata().setUid("00000000-0000-4000-8000-000000000002");
        server.conflict(other);

        assertThat(server.run("disk", "remove", "payroll", "data").err())
                .startsWith("error: trustedlaunchvm/payroll was deleted and created again meanwhile");
        assertThat(server.writes()).hasSize(1);
    }

    @Test
    void aVmThatIsNeverStillIsReportedInTheEnd() {
        server.conflicts(Collections.nCopies(20, vm("2", "dataDisks: [{name: data, size: 20Gi}]")));

        Ran ran = server.run("disk", "remove", "payroll", "data");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("the object has been modified");
        assertThat(server.writes()).hasSize(20);
    }

    @Test
    void aRefusalIsNotTriedAgain() {
        server.forbidWrites();

        assertThat(server.run("disk", "remove", "payroll", "data")).isEqualTo(new Ran(1, "", "error: forbidden\n"));
        assertThat(server.writes()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk add payroll more --size 1Gi",
                "disk add payroll logs --from-removed logs.7",
                "disk grow payroll data --size 40Gi",
                "disk remove payroll data",
                "disk delete payroll logs.7 --yes",
                "nic add payroll nic1 --network vlan-42",
                "nic remove payroll nic0",
                "nic connect payroll nic0 --network vlan-43",
                "nic disconnect payroll nic0",
            })
    void eachVerbWritesOnceAndNothingToAVmThatIsBeingDeleted(String command) {
        String spec = "dataDisks: [{name: data, size: 20Gi}]";
        assertThat(server.run(command.split(" ")))
                .satisfies(ran -> assertThat(ran.err()).isEmpty());
        assertThat(server.writes()).containsExactly("PATCH payroll");

        TrustedLaunchVM deleted = vm("2", spec);
        deleted.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        server.have(deleted);
        assertThat(server.run(command.split(" ")))
                .isEqualTo(new Ran(
                        1, "", "error: trustedlaunchvm/payroll is being deleted, and is not changed any more\n"));
        assertThat(server.writes()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk list nobody", "disk remove nobody data", "nic remove nobody nic0"})
    void aVmThatDoesNotExistIsReported(String command) {
        assertThat(server.run(command.split(" ")))
                .isEqualTo(new Ran(1, "", "error: TrustedLaunchVM finance/nobody does not exist\n"));
    }

    @Test
    void aNetworkThatIsNotOfferedIsRefused() {
        assertThat(server.run("nic", "add", "payroll", "nic1", "--network", "vlan-acme")
                        .err())
                .startsWith("error: VMNetwork vlan-acme is not offered to namespace finance");
        assertThat(server.run("nic", "add", "payroll", "nic1", "--network", "vlan-7")
                        .err())
                .startsWith("error: VMNetwork vlan-7 does not exist");
        assertThat(server.run("nic", "connect", "payroll", "nic0", "--network", "vlan-acme")
                        .err())
                .startsWith("error: VMNetwork vlan-acme is not offered to namespace finance");
        assertThat(server.writes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1Gi", "0", "much"})
    void aSizeIsAQuantity(String size) {
        assertThat(server.run("disk", "grow", "payroll", "data", "--size=" + size)
                        .err())
                .startsWith("error: --size must be");
        assertThat(server.writes()).isEmpty();
    }

    @Test
    void aDeletionIsConfirmed() {
        assertThat(delete("no\n", true))
                .isEqualTo(new Ran(
                        1,
                        "nothing was changed\n",
                        "trustedlaunchvm/payroll: removed disk logs.7 (20Gi) to be deleted. The next start deletes its file,"
                                + " which does not come back. Delete it? (yes or no): "));
        assertThat(delete("yes\n", false).err())
                .isEqualTo("error: --yes is required: there is no terminal to ask for confirmation\n");
        assertThat(server.writes()).isEmpty();

        assertThat(delete("yes\n", true).code()).isZero();
        assertThat(server.lastWritten())
                .contains("{\"op\":\"add\",\"path\":\"/spec/deletedDisks\",\"value\":[\"logs.7\"]}");
    }

    @Test
    void aListShowsTheDisks() {
        server.have(Serialization.unmarshal("""
                metadata: {name: monday, namespace: finance}
                status: {phase: Completed, vmUID: %s, result: {time: "2026-12-01T01:00:00Z", dataDisks: [data]}}
                """.formatted("00000000-0000-4000-8000-000000000001"), VMBackup.class));

        assertThat(server.run("disk", "list", "payroll").out()).isEqualTo("""
                ID       NAME   SIZE   LAST BACKUP   STATE
                data     data   20Gi   monday        attached
                logs.7   logs   20Gi   -             removed
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disc", "disk", "nic"})
    void helpSaysWhatEachVerbDoes(String command) {
        CommandLine verbs = KubectlTlvm.line(command).getSubcommands().get(command);

        Golden.check(
                GOLDEN.resolve("help-" + command + ".txt"),
                Stream.concat(Stream.of(verbs), verbs.getSubcommands().values().stream())
                        .map(CommandLine::getUsageMessage)
                        .reduce("", (all, help) -> all.isEmpty() ? help : all + "\n" + help));
    }

    private Ran delete(String answers, boolean canPrompt) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new DiskCommand.Delete(new StringReader(answers), canPrompt))
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "payroll", "logs.7", "--kubeconfig", server.kubeconfig().toString());
        return new Ran(code, out.toString(), err.toString());
    }

    private static TrustedLaunchVM vm(String version, String dataDisks) {
        return Serialization.unmarshal("""
                metadata:
                  name: payroll
                  namespace: finance
                  uid: 00000000-0000-4000-8000-000000000001
                  resourceVersion: "%s"
                spec:
                  runStrategy: Always
                  imageRef: {name: ubuntu}
                  cores: 2
                  memory: 1Gi
                  osDisk: {size: 10Gi}
                  %s
                  networkInterfaces: [{name: nic0, network: vlan-42}]
                status:
                  dataDisks: [{id: data, name: data, size: 20Gi}]
                  removedDisks: [{id: logs.7, name: logs, size: 20Gi}]
                  conditions: [{type: Running, status: "True", reason: Running}]
                """.formatted(version, dataDisks), TrustedLaunchVM.class);
    }
}
