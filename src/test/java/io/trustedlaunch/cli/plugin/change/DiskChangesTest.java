package io.trustedlaunch.cli.plugin.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.change.VmChange.Effect;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands make of a VM's disks, and what they refuse. */
class DiskChangesTest {
    private static final String NEW = """
            osDisk: {size: 10Gi}
            """;

    private static final String GROWN = """
            osDisk: {size: 10Gi}
            dataDisks:
            - {name: data, size: 200Gi}
            - {name: logs, size: 20Gi}
            - {name: tmp, size: 5Gi}
            - {name: old, size: 7Gi, from: {removedDisk: old.3}}
            deletedDisks: [gone.2, junk.4]
            """;

    /** The disk tmp is another one than in the spec of the first start, and quick leaves the guest. */
    private static final String STATUS = """
            dataDisks:
            - {id: data, name: data, size: 200Gi}
            - {id: logs.7, name: logs, size: 20Gi}
            - {id: quick.5, name: quick, size: 8Gi}
            removedDisks:
            - {id: logs, name: logs, size: 30Gi}
            - {id: old.3, name: old, size: 7Gi}
            - {id: junk.4, name: junk, size: 1Gi}
            """;

    @Test
    void theFirstDiskOfAVmMakesTheList() {
        VmChange change = change(NEW, "{}", vm -> vm.add("data", size("20Gi")));

        assertThat(json(change)).isEqualTo("""
                [{"op":"add","path":"/spec/dataDisks","value":[{"name":"data","size":"20Gi"}]}]""");
        assertThat(change.text()).isEqualTo("empty data disk data (20Gi) added");
        assertThat(change.effect()).isEqualTo(Effect.RUNNING);
    }

    @Test
    void aFurtherDiskLeavesTheOthersAsTheyAre() {
        VmChange change = change(GROWN, STATUS, vm -> vm.add("more", size("20Gi")));

        assertThat(json(change)).isEqualTo("""
                [{"op":"add","path":"/spec/dataDisks/-","value":{"name":"more","size":"20Gi"}}]""");
    }

    @Test
    void aNameOfARemovedDiskIsSaidToBeAnotherDisk() {
        String withoutLogs = "osDisk: {size: 10Gi}\ndataDisks: [{name: data, size: 200Gi}]\n";
        String status = "removedDisks: [{id: logs.7, name: logs, size: 20Gi}]\n";

        assertThat(change(withoutLogs, status, vm -> vm.add("logs", size("20Gi")))
                        .text())
                .isEqualTo("empty data disk logs (20Gi) added; it is another disk than logs.7, which stays removed"
                        + " (--from-removed)");
    }

    @Test
    void aRemovalThatHasNotTakenEffectIsTakenBack() {
        VmChange change = change(GROWN, STATUS, vm -> vm.add("quick", size("8Gi")));

        assertThat(change.text()).isEqualTo("data disk quick.5 stays: its removal had not taken effect");
        assertThat(change.effect()).isEqualTo(Effect.NONE);
        assertThat(change(GROWN, STATUS, vm -> vm.add("quick", size("9Gi"))).effect())
                .isEqualTo(Effect.RUNNING);
        assertThat(json(change(GROWN, STATUS, vm -> vm.addRemoved("quick", "quick.5", Optional.empty()))))
                .contains("{\"name\":\"quick\",\"size\":\"8Gi\",\"from\":{\"removedDisk\":\"quick.5\"}}");
    }

    @Test
    void aRemovedDiskComesBackByItsIdWithItsSize() {
        String spec = "osDisk: {size: 10Gi}\ndataDisks: [{name: data, size: 200Gi}]\n";
        VmChange change = change(spec, STATUS, vm -> vm.addRemoved("logs", "logs", Optional.empty()));

        assertThat(json(change))
                .isEqualTo(
                        "[{\"op\":\"add\",\"path\":\"/spec/dataDisks/-\",\"value\":{\"name\":\"logs\",\"size\":\"30Gi\","
                                + "\"from\":{\"removedDisk\":\"logs\"}}}]");
        assertThat(change.text()).isEqualTo("removed disk logs (30Gi) added again");
        assertThat(json(change(spec, STATUS, vm -> vm.addRemoved("logs", "logs", size("40Gi")))))
                .contains("\"size\":\"40Gi\"");
    }

    @Test
    void aDiskGrowsInItsPlace() {
        VmChange data = change(GROWN, STATUS, vm -> vm.grow("logs", new Quantity("40Gi")));
        assertThat(json(data)).isEqualTo("""
                [{"op":"replace","path":"/spec/dataDisks/1/size","value":"40Gi"}]""");
        assertThat(data.text()).isEqualTo("data disk logs grows from 20Gi to 40Gi");

        VmChange os = change(GROWN, STATUS, vm -> vm.grow("os", new Quantity("128Gi")));
        assertThat(json(os)).isEqualTo("""
                [{"op":"replace","path":"/spec/osDisk/size","value":"128Gi"}]""");
        assertThat(os.text()).isEqualTo("the OS disk grows from 10Gi to 128Gi");
        assertThat(os.effect()).isEqualTo(Effect.RUNNING);
    }

    @Test
    void aRemovalNamesTheDiskThatIsKept() {
        VmChange change = change(GROWN, STATUS, vm -> vm.remove("logs"));

        assertThat(json(change)).isEqualTo("""
                [{"op":"remove","path":"/spec/dataDisks/1"}]""");
        assertThat(change.text()).isEqualTo("data disk logs removed, and its file is kept as removed disk logs.7");
        assertThat(change.effect()).isEqualTo(Effect.RUNNING);
    }

    @Test
    void whatIsToBeDeletedIsNeitherRemovedNorBroughtBack() {
        String spec = "osDisk: {size: 10Gi}\ndataDisks: [{name: logs, size: 20Gi}]\ndeletedDisks: [logs.7, quick.5]\n";
        String next =
                " of TrustedLaunchVM finance/payroll is in spec.deletedDisks, which has its file deleted: take it out"
                        + " there first, kubectl edit tlvm payroll -n finance";

        assertThatThrownBy(() -> change(spec, STATUS, vm -> vm.remove("logs"))).hasMessage("disk logs.7" + next);
        assertThatThrownBy(() -> change(spec, STATUS, vm -> vm.add("quick", size("8Gi"))))
                .hasMessage("disk quick.5" + next);
        assertThatThrownBy(() -> change(GROWN, STATUS, vm -> vm.addRemoved("junk", "junk.4", Optional.empty())))
                .hasMessage("disk junk.4" + next);
    }

    @Test
    void whatTheVmDoesNotHaveYetIsRemovedAtOnce() {
        VmChange empty = change(GROWN, STATUS, vm -> vm.remove("tmp"));
        assertThat(empty.text()).isEqualTo("data disk tmp removed; the VM had not been started with it yet");
        assertThat(empty.effect()).isEqualTo(Effect.NONE);

        VmChange back = change(GROWN, STATUS, vm -> vm.remove("old"));
        assertThat(back.text()).isEqualTo("data disk old removed; disk old.3 had not been brought back yet");
        assertThat(back.effect()).isEqualTo(Effect.NONE);
    }

    @Test
    void aDeletionIsAddedToThoseBefore() {
        VmChange change = change(GROWN, STATUS, vm -> vm.delete("logs"));

        assertThat(json(change)).isEqualTo("""
                [{"op":"add","path":"/spec/deletedDisks/-","value":"logs"}]""");
        assertThat(change.text()).isEqualTo("removed disk logs (30Gi) to be deleted");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "data | TrustedLaunchVM finance/payroll has a data disk data already: choose another name, or make that one"
                        + " larger: kubectl tlvm disk grow payroll -n finance data --size SIZE",
                "os | a data disk cannot have the name os, which stands for the OS disk; to make that larger: kubectl tlvm"
                        + " disk grow payroll -n finance os --size SIZE",
                "quick | data disk quick.5 of TrustedLaunchVM finance/payroll has 8Gi, and a disk only grows: --size 1Gi would"
                        + " cut off the guest's data",
            })
    void noDiskIsAddedInPlaceOfAnother(String name, String refusal) {
        refused(vm -> vm.add(name, size("1Gi")), refusal);
    }

    @Test
    void anEmptyDiskNeedsASize() {
        refused(
                vm -> vm.add("more", Optional.empty()),
                "--size is required, for example --size 20Gi; with --from-removed it is that of the removed disk");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "more | more.1 | TrustedLaunchVM finance/payroll has no removed disk more.1: it has these: logs, junk.4",
                "tmp | logs | TrustedLaunchVM finance/payroll has a data disk tmp already: choose another name, or make that"
                        + " one larger: kubectl tlvm disk grow payroll -n finance tmp --size SIZE",
                "more | logs | removed disk logs of TrustedLaunchVM finance/payroll keeps its name: kubectl tlvm disk add"
                        + " payroll -n finance logs --from-removed logs",
                "quick | quick.5 | removed disk quick.5 of TrustedLaunchVM finance/payroll has 8Gi, and a disk only grows:"
                        + " --size 1Gi would cut off the guest's data",
            })
    void onlyARemovedDiskComesBack(String name, String id, String refusal) {
        refused(vm -> vm.addRemoved(name, id, size("1Gi")), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope | 40Gi | TrustedLaunchVM finance/payroll has no data disk nope: it has these: data, logs, tmp, old",
                "logs | 20Gi | data disk logs of TrustedLaunchVM finance/payroll has 20Gi already",
                "logs | 20480Mi | data disk logs of TrustedLaunchVM finance/payroll has 20Gi already",
                "logs | 19Gi | data disk logs of TrustedLaunchVM finance/payroll has 20Gi, and a disk only grows: --size 19Gi"
                        + " would cut off the guest's data",
                "os | 9Gi | the OS disk of TrustedLaunchVM finance/payroll has 10Gi, and a disk only grows: --size 9Gi would"
                        + " cut off the guest's data",
            })
    void aDiskOnlyGrows(String name, String size, String refusal) {
        refused(vm -> vm.grow(name, new Quantity(size)), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope | TrustedLaunchVM finance/payroll has no data disk nope: it has these: data, logs, tmp, old",
                "os | the OS disk of TrustedLaunchVM finance/payroll cannot be removed: delete the VM instead",
            })
    void onlyADataDiskIsRemoved(String name, String refusal) {
        refused(vm -> vm.remove(name), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope | TrustedLaunchVM finance/payroll has no removed disk nope: it has these: logs, old.3, junk.4",
                "junk.4 | removed disk junk.4 of TrustedLaunchVM finance/payroll is in spec.deletedDisks already: the next"
                        + " start deletes its file",
                "logs.7 | data disk logs.7 of TrustedLaunchVM finance/payroll is in use; remove it first: kubectl tlvm disk"
                        + " remove payroll -n finance logs",
                "quick.5 | data disk quick.5 of TrustedLaunchVM finance/payroll has not left the guest yet; delete it"
                        + " after that, for which a restart may be needed: kubectl tlvm restart payroll -n finance",
                "old.3 | removed disk old.3 of TrustedLaunchVM finance/payroll comes back, as spec.dataDisks"
                        + " asks; take that back first: kubectl tlvm disk remove payroll -n finance old",
            })
    void onlyADiskThatStaysRemovedIsDeleted(String id, String refusal) {
        refused(vm -> vm.delete(id), refusal);
    }

    @Test
    void aVmThatNeverRanHasNoRemovedDisk() {
        assertThatThrownBy(() -> change(NEW, "{}", vm -> vm.delete("data")))
                .hasMessage("TrustedLaunchVM finance/payroll has no removed disk data: it has none");
        assertThatThrownBy(() -> change(NEW, "{}", vm -> vm.remove("data")))
                .hasMessage("TrustedLaunchVM finance/payroll has no data disk data: it has none");
    }

    private static void refused(Function<DiskChanges, VmChange> command, String message) {
        assertThatThrownBy(() -> change(GROWN, STATUS, command))
                .isInstanceOf(CommandException.class)
                .hasMessage(message);
    }

    private static VmChange change(String spec, String status, Function<DiskChanges, VmChange> command) {
        return command.apply(new DiskChanges(vm(spec, status)));
    }

    static TrustedLaunchVM vm(String spec, String status) {
        return Serialization.unmarshal(
                "metadata: {name: payroll, namespace: finance}\nspec:\n" + spec.indent(2) + "status:\n"
                        + status.indent(2),
                TrustedLaunchVM.class);
    }

    private static Optional<Quantity> size(String text) {
        return Optional.of(new Quantity(text));
    }

    static String json(VmChange change) {
        return Serialization.asJson(change.operations());
    }
}
