package io.trustedlaunch.agent.libvirt;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * A test that works on the libvirt of the host that it runs in, as root. {@code bin/lab exec LAB HOST -- env
 * TRUSTEDLAUNCH_HOST=HOST mvn …} puts it into one; nowhere else does it touch the machine that it is on.
 */
@Tag("host")
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab: bin/lab exec LAB HOST -- env TRUSTEDLAUNCH_HOST=HOST mvn …")
@interface InsideAHost {}
