package io.trustedlaunch.agent.libvirt;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * A test that uses the libvirt of the host that it runs in, as root. {@code bin/lab exec LAB HOST -- env
 * TRUSTEDLAUNCH_HOST=HOST mvn …} runs it in one; elsewhere it is skipped.
 */
@Tag("host")
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab: bin/lab exec LAB HOST -- env TRUSTEDLAUNCH_HOST=HOST mvn …")
public @interface InsideAHost {}
