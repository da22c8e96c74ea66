package io.trustedlaunch.protocol;

import java.security.SecureRandom;

/** Chance that no decision depends on: keys and nonces. */
final class Dice {
    static final SecureRandom SECURE = new SecureRandom();

    private Dice() {}
}
