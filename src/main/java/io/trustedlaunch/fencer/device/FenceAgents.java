package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The fence agents that this system has. */
public final class FenceAgents implements FenceAgent {
    private static final Duration STATUS = Duration.ofSeconds(20);

    /** The time for the machine to go off; the agent asks every second. */
    private static final int POWER_SECONDS = 30;

    private static final Duration OFF = Duration.ofSeconds(2L * POWER_SECONDS);

    @Override
    public Optional<Machine> machine(FenceTarget target) throws FenceException {
        return switch (target.agent()) {
            case fence_redfish -> Optional.of(Redfish.machine(target));
            case fence_ipmilan -> {
                status(target);
                yield Optional.empty();
            }
        };
    }

    @Override
    public void off(FenceTarget target) throws FenceException {
        Command.Result ended = run(target, "off", OFF);
        if (!ended.succeeded()) {
            throw FenceAgentOutput.failure(target, "off", ended);
        }
    }

    @Override
    public Power status(FenceTarget target) throws FenceException {
        return FenceAgentOutput.power(target, run(target, "status", STATUS));
    }

    private static Command.Result run(FenceTarget target, String action, Duration timeout) throws FenceException {
        // Arguments are not used, since all users of the machine can read those.
        Command command = Command.of(timeout, target.agent().name())
                .withInput(options(target, action).getBytes(StandardCharsets.UTF_8));
        try {
            if (target.agent() == Agent.fence_ipmilan) {
                return command.run();
            }
            // The agent has no option for an authority.
            Path authority = Files.createTempFile("ca-", ".crt");
            try {
                Files.writeString(authority, target.caBundle());
                return command.withEnvironment(Map.of("REQUESTS_CA_BUNDLE", authority.toString()))
                        .run();
            } finally {
                Files.deleteIfExists(authority);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new FenceException(Reason.FenceDeviceFault, e.getMessage() + ": check the image of the fencer");
        }
    }

    /**
     * Goes to the agent's standard input. Options take a line each, so no value has a line break; in quotes, since the agent
     * strips spaces, and quotes around a value.
     */
    static String options(FenceTarget target, String action) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("action", action);
        options.put("ip", target.host());
        target.port().ifPresent(port -> options.put("ipport", port));
        options.put("username", target.username());
        options.put("password", target.password());
        options.put("power_timeout", String.valueOf(POWER_SECONDS));
        switch (target.agent()) {
            case fence_redfish -> {
                options.put("ssl_secure", "1");
                // Otherwise the agent takes the last that the controller lists.
                options.put("systems_uri", target.path().orElseThrow());
            }
            case fence_ipmilan -> options.put("lanplus", "1");
        }
        return options.entrySet().stream()
                .map(option -> option.getKey() + "=\"" + option.getValue() + "\"\n")
                .collect(Collectors.joining());
    }
}
