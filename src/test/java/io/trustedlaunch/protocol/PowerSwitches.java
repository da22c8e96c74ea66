package io.trustedlaunch.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Fencing;
import io.trustedlaunch.api.node.ClusterNodeSpec.PowerOff;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceSpecBuilder;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.fencer.FakeFencer;
import io.trustedlaunch.fencer.device.FenceAgent;
import io.trustedlaunch.fencer.device.FenceException;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The management controllers of hosts, and the fencer that asks them; it acts by itself as time passes. */
final class PowerSwitches implements FenceAgent {
    private static final Duration PASS = Duration.ofSeconds(2);
    private static final String PATH = "/redfish/v1/Systems/1";

    private final ClusterUnderTest cluster;
    private final FakeFencer fencer;
    private final Map<String, Controller> controllers = new HashMap<>();
    private final List<Host> cuts = new ArrayList<>();
    private final HostStatements words;
    private final VirtualClock.Timer timer;
    /** About which a controller said that they are over, and which were not. */
    private final Set<String> liedAbout = new HashSet<>();
    /** Hosts that have power, and of which that is believed. */
    private final Set<Host> believed = new HashSet<>();

    private boolean lags;

    /** What a management controller does. */
    enum Manner {
        HONEST,
        /** The switch answers, and does nothing; it says that the machine is on. */
        STUCK,
        /** It says that the machine is off, and has cut nothing. */
        LYING,
        /** It says rightly that it is in another machine. */
        IN_ANOTHER_MACHINE,
        /** It says that it is in the host, and switches another one. */
        SWITCHING_ANOTHER,
        SILENT
    }

    /** Of one host. */
    private static final class Controller {
        private final Host host;
        private final Host other;
        private Manner manner = Manner.HONEST;
        private boolean saysOff;
        private Runnable beforeCut = () -> {};
        private Runnable beforeAnswer = () -> {};

        Controller(Host host, Host other) {
            this.host = host;
            this.other = other;
        }

        Host switched() {
            return manner == Manner.SWITCHING_ANOTHER ? other : host;
        }

        /** Something happens once. */
        void happen(Runnable event) {
            beforeCut = event == beforeCut ? () -> {} : beforeCut;
            beforeAnswer = event == beforeAnswer ? () -> {} : beforeAnswer;
            event.run();
        }
    }

    PowerSwitches(ClusterUnderTest cluster) {
        this.cluster = cluster;
        this.fencer = new FakeFencer(cluster.server, this, cluster.clock::pass, cluster.clock.of("fencer"));
        this.words = new HostStatements(cluster.server);
        this.timer = cluster.clock.every(PASS, this::pass);
        cluster.beforeEachCheck(this::check);
    }

    /** From now on nobody switches anything. */
    void rest() {
        timer.cancel();
    }

    /** Power proves, so a second guest may begin, for as long as the word of a controller that lied is believed. */
    private void check() {
        for (Host host : cluster.hosts) {
            String boot = host.isOn() ? BootId.in(host.runFolder()) : "";
            boolean isBelieved = host.isOn() && words.provesByPower(host, boot);
            if (isBelieved && believed.add(host)) {
                assertThat(liedAbout)
                        .as("boots of which a controller said falsely that they are over: of " + host
                                + ", which has power, a NodeFence proves it")
                        .contains(boot);
                deceive(host);
            }
            if (!isBelieved) {
                believed.remove(host);
            }
        }
        cluster.ledger.provedOff(believed);
    }

    private void deceive(Host host) {
        liedAbout.add(BootId.in(host.runFolder()));
        cluster.deceivedAbout(host);
        cluster.faults.lieOfPower(host);
    }

    private void pass() {
        if (!lags) {
            fencer.look();
        }
        fencer.pass();
    }

    /** The fencer's watches bring nothing, or do again. */
    void lag(boolean now) {
        lags = now;
    }

    /** The host has a management controller from now on, with a FenceDevice and its Secret. */
    void attach(Host host, Agent agent, boolean automatic) {
        Host other = cluster.hosts.get((cluster.hosts.indexOf(host) + 1) % cluster.hosts.size());
        String name = "bmc-" + host.name();
        controllers.put(address(host), new Controller(host, other));
        Map<String, String> secret = Map.of(
                "nodeName",
                host.name(),
                "address",
                address(host),
                "username",
                "admin",
                "password",
                "secret",
                "ca.crt",
                host.sealingCertificate());
        cluster.server.createIfAbsent(new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withData(secret.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                entry -> Base64.getEncoder()
                                        .encodeToString(entry.getValue().getBytes(UTF_8)))))
                .build());
        FenceDevice device = new FenceDevice();
        device.setMetadata(new ObjectMetaBuilder().withName(name).build());
        device.setSpec(spec(host, agent, automatic));
        cluster.server.createIfAbsent(device);
    }

    private static FenceDeviceSpec spec(Host host, Agent agent, boolean automatic) {
        return FenceDeviceSpecBuilder.builder()
                .nodeName(host.name())
                .agent(agent)
                .address(address(host))
                .secretRef(new ObjectRef("bmc-" + host.name()))
                .automatic(automatic)
                .build();
    }

    private static String address(Host host) {
        return "bmc-" + host.name() + ".example";
    }

    /** @param manner of the host's controller from now on */
    void behave(Host host, Manner manner) {
        Controller controller = controllers.get(address(host));
        controller.manner = manner;
        controller.saysOff = false;
    }

    /** Its next answer is late: all this happens before it cuts the power. */
    void beforeCut(Host host, Runnable event) {
        controllers.get(address(host)).beforeCut = event;
    }

    /** Its next answer is late: it has cut the power, and all this happens before it says so. */
    void beforeAnswer(Host host, Runnable event) {
        controllers.get(address(host)).beforeAnswer = event;
    }

    /** A person wants the power of the host cut. */
    void request(Host host) {
        cluster.server
                .find(ClusterNode.class, host.name())
                .map(ClusterNode::getStatus)
                .map(ClusterNodeStatus::answer)
                .map(ClusterNodeStatus.Answer::bootID)
                .ifPresent(boot -> say(host, new Fencing(null, new PowerOff(boot, "alice"))));
    }

    void withdraw(Host host) {
        say(host, null);
    }

    private void say(Host host, Fencing fencing) {
        if (cluster.server.find(ClusterNode.class, host.name()).isEmpty()) {
            return;
        }
        cluster.server.edit(ClusterNode.class, host.name(), node -> {
            ClusterNodeSpec spec = node.getSpec();
            node.setSpec(ClusterNodeSpecBuilder.builder(spec).fencing(fencing).build());
            return node;
        });
    }

    /** The hosts whose power was cut, in this order. */
    List<Host> cuts() {
        return List.copyOf(cuts);
    }

    @Override
    public Optional<Machine> machine(FenceTarget target) throws FenceException {
        Controller controller = controller(target);
        Host named = controller.manner == Manner.IN_ANOTHER_MACHINE ? controller.other : controller.host;
        return target.agent() == Agent.fence_ipmilan
                ? Optional.empty()
                : Optional.of(
                        new Machine(PATH, MachineUuid.parse(named.machineUUID()).orElseThrow()));
    }

    @Override
    public void off(FenceTarget target) throws FenceException {
        Controller controller = controller(target);
        controller.happen(controller.beforeCut);
        controller.saysOff = controller.manner == Manner.LYING;
        if (controller.manner != Manner.LYING && controller.manner != Manner.STUCK) {
            cuts.add(controller.switched());
            cluster.faults.cutPower(controller.switched());
        }
        controller.happen(controller.beforeAnswer);
    }

    @Override
    public Power status(FenceTarget target) throws FenceException {
        Controller controller = controller(target);
        if (!controller.saysOff && controller.switched().isOn()) {
            return Power.On;
        }
        if (controller.host.isOn()) {
            deceive(controller.host);
        } else {
            cluster.faults.mayStartElsewhere(controller.host);
        }
        return Power.Off;
    }

    private Controller controller(FenceTarget target) throws FenceException {
        Controller controller = controllers.get(target.address());
        if (controller.manner == Manner.SILENT) {
            throw new FenceException(Reason.FenceDeviceUnreachable, target.address() + " does not answer");
        }
        return controller;
    }
}
