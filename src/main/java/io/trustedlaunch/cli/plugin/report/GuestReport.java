package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfo.TimeZone;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a guest says of itself, as text. */
public final class GuestReport {
    private static final String LABEL = "%-13s %s";
    private static final String UNKNOWN = "-";

    private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti");
    private static final int STEP = 1024;

    private final List<String> lines = new ArrayList<>();

    private GuestReport() {}

    public static Text of(TrustedLaunchVM vm) {
        GuestReport report = new GuestReport();
        report.line(
                "VM:", vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName());
        Optional<TrustedLaunchVMStatus> status = vm.status();
        if (status.isEmpty()) {
            report.line("Guest:", StatusReport.NO_STATUS);
            return new Text(report.lines);
        }
        Optional.ofNullable(status.get().guest()).ifPresentOrElse(report::write, () -> report.nothing(status.get()));
        return new Text(report.lines);
    }

    private void nothing(TrustedLaunchVMStatus status) {
        boolean runs = status.phase() == TrustedLaunchVMStatus.Phase.Running;
        line(
                "Guest agent:",
                runs
                        ? "has not answered: install and start qemu-guest-agent in the guest, and look again after two minutes"
                        : "unknown: the guest does not run (phase " + status.phase() + ")");
    }

    private void write(GuestInfo guest) {
        line("Guest agent:", agent(guest));
        line("Reported:", orUnknown(guest.reportTime()));
        Optional<OperatingSystem> os = Optional.ofNullable(guest.os());
        line("OS:", orUnknown(os.map(OperatingSystem::name).orElse(null)));
        os.map(OperatingSystem::id).ifPresent(id -> line("OS ID:", id));
        os.map(OperatingSystem::version).ifPresent(version -> line("OS version:", version));
        line("Kernel:", orUnknown(os.map(OperatingSystem::kernelRelease).orElse(null)));
        line("Host name:", orUnknown(guest.hostName()));
        line(
                "Time zone:",
                Optional.ofNullable(guest.timeZone()).map(GuestReport::timeZone).orElse(UNKNOWN));
        fileSystems(guest.fileSystems());
        lines.add("All of this is the guest's own word. Nothing verifies it.");
    }

    private static String agent(GuestInfo guest) {
        String version = Optional.ofNullable(guest.agent())
                .map(GuestInfo.Agent::version)
                .map(known -> ", version " + known)
                .orElse("");
        return guest.agentAnswers()
                ? "connected" + version
                : "has not answered for ten minutes" + version + "; it said the following before";
    }

    private static String timeZone(TimeZone zone) {
        String offset = zone.offsetSeconds() == null
                ? ""
                : "UTC"
                        + (zone.offsetSeconds() == 0
                                ? ""
                                : ZoneOffset.ofTotalSeconds(zone.offsetSeconds())
                                        .getId());
        if (zone.name() == null || zone.name().equals(offset)) {
            return offset.isEmpty() ? UNKNOWN : offset;
        }
        return offset.isEmpty() ? zone.name() : zone.name() + " (" + offset + ")";
    }

    private void fileSystems(List<FileSystem> all) {
        if (all.isEmpty()) {
            line("File systems:", UNKNOWN);
            return;
        }
        lines.add("File systems:");
        Table.of(
                        all,
                        List.of(
                                new Column<>("MOUNT POINT", each -> orUnknown(each.mountPoint())),
                                new Column<>("TYPE", each -> orUnknown(each.type())),
                                new Column<>("SIZE", GuestReport::size),
                                new Column<>("USED", GuestReport::used)))
                .lines()
                .forEach(row -> lines.add("  " + row));
    }

    private static String size(FileSystem each) {
        if (each.totalBytes() == null) {
            return UNKNOWN;
        }
        double size = each.totalBytes();
        int unit = 0;
        while (size >= STEP && unit < UNITS.size() - 1) {
            size /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f", size).replace(".0", "") + UNITS.get(unit);
    }

    private static String used(FileSystem each) {
        return each.usedPercent() == null ? UNKNOWN : each.usedPercent() + " %";
    }

    private static String orUnknown(String text) {
        return text == null ? UNKNOWN : text;
    }

    private void line(String label, String value) {
        lines.add(LABEL.formatted(label, value));
    }
}
