package io.trustedlaunch.agent;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.disks.DiskTool;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.host.HostPrograms;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.state.SwtpmTpms;
import io.trustedlaunch.agent.incarnation.state.Tpms;
import io.trustedlaunch.agent.libvirt.LibvirtHypervisor;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.agent.location.DiskPathInspector;
import io.trustedlaunch.agent.location.PathInspector;
import io.trustedlaunch.agent.migration.ports.Firewall;
import io.trustedlaunch.agent.migration.ports.Nftables;
import io.trustedlaunch.agent.seed.IsoWriter;
import io.trustedlaunch.agent.seed.Xorriso;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.agent.tpm.SwtpmPreflight;
import io.trustedlaunch.agent.tpm.SwtpmTools;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The programs of a host that an agent drives.
 *
 * @param preflight proves that the host has what VMs need besides libvirt; see {@link HostPreflight}
 */
@RecordBuilder
public record HostTools(
        Hypervisor hypervisor,
        Tpms tpms,
        Supplier<SwtpmFacts> preflight,
        DiskTool disks,
        IsoWriter discs,
        PathInspector paths,
        Firewall firewall) {
    private static final Duration PROBE = Duration.ofSeconds(30);
    private static final Duration MANUFACTURE = Duration.ofMinutes(2);

    /** This host's libvirt, swtpm and QEMU. */
    static HostTools ofThisHost(AgentConfiguration configuration, QemuImg qemuImg, SecureRandom random) {
        SwtpmTools swtpm = SwtpmTools.ofThisHost();
        Path folder = configuration.runFolder().resolve("tpm");
        EkProbe probe = new EkProbe(swtpm, folder, PROBE, UUID::randomUUID);
        SwtpmFactory factory = new SwtpmFactory(swtpm, probe, MANUFACTURE);
        return HostToolsBuilder.builder()
                .hypervisor(new LibvirtHypervisor(LibvirtSettings.system()
                        .at(configuration.libvirtUri(), configuration.account(), configuration.runFolder())))
                .tpms(new SwtpmTpms(factory, probe))
                .preflight(new HostPreflight(
                        configuration.account(),
                        HostPrograms.ofThisHost(),
                        new SwtpmPreflight(swtpm, factory, folder, random, UUID::randomUUID)::prove))
                .disks(qemuImg)
                .discs(new Xorriso())
                .paths(new DiskPathInspector())
                .firewall(new Nftables())
                .build();
    }
}
