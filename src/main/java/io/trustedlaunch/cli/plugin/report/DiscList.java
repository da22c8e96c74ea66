package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The drives of a VM as a table, and what condition DiscsInserted says of them. */
public final class DiscList {
    private DiscList() {}

    public static Text table(TrustedLaunchVM vm) {
        List<Disc> discs = vm.getSpec().discs();
        if (discs.isEmpty()) {
            return Text.of("No drives for discs. To add one: kubectl tlvm disc insert "
                    + vm.getMetadata().getName() + " NAME --image IMAGE");
        }
        List<String> lines = new ArrayList<>(Table.of(
                        discs,
                        List.of(
                                new Column<>("NAME", Disc::name),
                                new Column<>(
                                        "IMAGE",
                                        disc -> disc.imageRef() == null
                                                ? "-"
                                                : disc.imageRef().name()),
                                new Column<>("REQUIRED", disc -> disc.isRequired() ? "yes" : "no")))
                .lines());
        inserted(vm).ifPresent(condition -> lines.add(condition.getReason() + ": " + condition.getMessage()));
        return new Text(lines);
    }

    private static Optional<Condition> inserted(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::conditions).flatMap(ConditionType.DiscsInserted::in);
    }
}
