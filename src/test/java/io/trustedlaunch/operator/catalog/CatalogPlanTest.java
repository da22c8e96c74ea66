package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.catalog.CatalogVerification.Bad;
import io.trustedlaunch.operator.catalog.CatalogVerification.Good;
import io.trustedlaunch.operator.catalog.FetchResult.Fetched;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.CatalogText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CatalogPlanTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final String SOON = "2026-11-26T00:00:00Z";
    private static final String PAST = "2026-11-25T09:59:59Z";
    private static final CatalogSigningKey KEY = CatalogSigningKey.ecdsa();
    private static final CatalogSigningKey OTHER_KEY = CatalogSigningKey.ecdsa();
    private static final String DIGEST = "ab".repeat(32);

    private List<String> publicKeys = List.of(KEY.publicKey());

    @Test
    void aGoodCatalogIsCachedAndInForce() {
        SignedContent first = signed(KEY, 1, SOON, "1");
        CatalogPlan plan = plan(new Fetched(first), null);

        assertThat(plan.cache()).contains(first);
        assertInForce(plan, 1);
        assertThat(plan.notCurrent()).isEmpty();
    }

    @Test
    void aCachedCatalogIsNotWrittenAgain() {
        SignedContent first = signed(KEY, 1, SOON, "1");
        CatalogPlan plan = plan(new Fetched(first), first);

        assertThat(plan.cache()).isEmpty();
        assertInForce(plan, 1);
        assertThat(plan.notCurrent()).isEmpty();
    }

    /** ECDSA signs the same bytes differently each time. */
    @Test
    void theSameCatalogWithAnotherSignatureOfTheSameKeyIsNotWrittenAgain() {
        SignedContent first = signed(KEY, 1, SOON, "1");
        CatalogPlan plan = plan(new Fetched(signed(KEY, first.content())), first);

        assertThat(plan.cache()).isEmpty();
        assertThat(plan.notCurrent()).isEmpty();
    }

    @Test
    void aHigherSerialReplacesALowerOne() {
        SignedContent second = signed(KEY, 2, SOON, "2");
        CatalogPlan plan = plan(new Fetched(second), signed(KEY, 1, SOON, "1"));

        assertThat(plan.cache()).contains(second);
        assertInForce(plan, 2);
    }

    @Test
    void aReplayOfALowerSerialIsRejected() {
        CatalogPlan plan = plan(new Fetched(signed(KEY, 1, SOON, "1")), signed(KEY, 2, SOON, "2"));

        assertStays(plan, 2, Reason.CatalogOlder);
        assertThat(plan.notCurrent().orElseThrow().message()).contains("serial 1 is lower than 2");
    }

    @Test
    void anotherCatalogWithTheSameSerialIsRejected() {
        CatalogPlan plan = plan(new Fetched(signed(KEY, 2, SOON, "other")), signed(KEY, 2, SOON, "2"));

        assertStays(plan, 2, Reason.CatalogOlder);
    }

    @Test
    void aSignatureOverOtherBytesIsRejected() {
        SignedContent first = signed(KEY, 1, SOON, "1");
        byte[] altered = CatalogText.of(3, SOON, CatalogText.image("p", "s", "3", DIGEST));

        assertStays(
                plan(new Fetched(new SignedContent(altered, first.signature())), first),
                1,
                Reason.CatalogSignatureInvalid);
    }

    @Test
    void aSignatureOfAnotherKeyIsRejected() {
        assertStays(
                plan(new Fetched(signed(OTHER_KEY, 2, SOON, "2")), signed(KEY, 1, SOON, "1")),
                1,
                Reason.CatalogSignatureInvalid);
    }

    @Test
    void oneOfTheKeysSuffices() {
        publicKeys = List.of(KEY.publicKey(), OTHER_KEY.publicKey());
        assertInForce(plan(new Fetched(signed(OTHER_KEY, 2, SOON, "2")), signed(KEY, 1, SOON, "1")), 2);
    }

    @Test
    void aTextThatIsNoSignatureIsRejected() {
        SignedContent first = signed(KEY, 1, SOON, "1");
        for (String text : List.of("", "???", "AAAA", "A".repeat(4097))) {
            assertStays(
                    plan(new Fetched(new SignedContent(signed(KEY, 2, SOON, "2").content(), text)), first),
                    1,
                    Reason.CatalogSignatureInvalid);
        }
    }

    @Test
    void anExpiredCatalogIsRejected() {
        assertStays(plan(new Fetched(signed(KEY, 2, PAST, "2")), signed(KEY, 1, SOON, "1")), 1, Reason.CatalogExpired);
    }

    @Test
    void aSignedAndMalformedCatalogIsRejected() {
        assertStays(
                plan(new Fetched(signed(KEY, "{}".getBytes(UTF_8))), signed(KEY, 1, SOON, "1")),
                1,
                Reason.CatalogMalformed);
    }

    /** Only the input of a signer is parsed. */
    @Test
    void anUnsignedCatalogIsNotParsed() {
        assertStays(
                plan(new Fetched(signed(OTHER_KEY, "[[[[".getBytes(UTF_8))), signed(KEY, 1, SOON, "1")),
                1,
                Reason.CatalogSignatureInvalid);
    }

    /** The source is the attacker: it serves what the same signer signed for another purpose. */
    @Test
    void anotherListOfTheSameSignerReplacesNothing() {
        SignedContent forTests =
                signed(KEY, CatalogText.of("contoso/tests", 9, SOON, CatalogText.image("p", "s", "untested", DIGEST)));

        CatalogPlan plan = plan(new Fetched(forTests), signed(KEY, 1, SOON, "1"));
        assertStays(plan, 1, Reason.CatalogNameMismatch);
        assertThat(plan.notCurrent().orElseThrow().message()).contains("contoso/tests", CatalogText.NAME);
        assertThat(plan(new Fetched(forTests), null).inForce()).isEmpty();
    }

    /** The serial of another list must not keep the right one away. */
    @Test
    void aCatalogInForceOfAnotherNameCountsForNothing() {
        SignedContent forTests =
                signed(KEY, CatalogText.of("contoso/tests", 9, SOON, CatalogText.image("p", "s", "1", DIGEST)));

        CatalogPlan plan = plan(new Unavailable(Reason.CatalogUnreachable, "gone"), forTests);

        assertThat(plan.inForce()).isEmpty();
        assertThat(plan.notInForce().map(Bad::reason)).contains(Reason.CatalogNameMismatch);
    }

    @Test
    void anUnreachableSourceChangesNothing() {
        assertStays(
                plan(new Unavailable(Reason.CatalogUnreachable, "gone"), signed(KEY, 1, SOON, "1")),
                1,
                Reason.CatalogUnreachable);
    }

    @Test
    void withoutAGoodCatalogNothingIsInForceForAReason() {
        CatalogPlan plan = plan(new Unavailable(Reason.CatalogUnsigned, "no signature"), null);

        assertThat(plan.inForce()).isEmpty();
        assertThat(plan.notInForce()).contains(new Bad(Reason.CatalogUnsigned, "no signature"));
    }

    @Test
    void aCachedCatalogIsInForceUntilItExpires() {
        CatalogPlan plan = plan(new Unavailable(Reason.CatalogUnreachable, "gone"), signed(KEY, 1, PAST, "1"));

        assertThat(plan.inForce()).isEmpty();
        assertThat(plan.notInForce().map(Bad::reason)).contains(Reason.CatalogExpired);
        assertThat(plan.notCurrent().map(Bad::reason)).contains(Reason.CatalogUnreachable);
    }

    @Test
    void theRemovalOfAKeyEndsItsCatalogButKeepsItsSerial() {
        publicKeys = List.of(OTHER_KEY.publicKey());
        SignedContent cached = signed(KEY, 5, SOON, "5");

        CatalogPlan older = plan(new Fetched(signed(OTHER_KEY, 4, SOON, "4")), cached);
        assertThat(older.inForce()).isEmpty();
        assertThat(older.notCurrent().map(Bad::reason)).contains(Reason.CatalogOlder);
        assertThat(older.notInForce().map(Bad::reason)).contains(Reason.CatalogSignatureInvalid);
        assertInForce(plan(new Fetched(signed(OTHER_KEY, 6, SOON, "6")), cached), 6);
    }

    @Test
    void theSameCatalogSignedByAnotherKeyIsCachedWithItsSignature() {
        publicKeys = List.of(OTHER_KEY.publicKey());
        SignedContent cached = signed(KEY, 5, SOON, "5");
        SignedContent again = signed(OTHER_KEY, cached.content());

        CatalogPlan plan = plan(new Fetched(again), cached);
        assertThat(plan.cache()).contains(again);
        assertInForce(plan, 5);
    }

    @Test
    void anInvalidKeyBlocksNewCatalogsAndKeepsTheCachedOne() {
        publicKeys = List.of(KEY.publicKey(), "no key");
        CatalogPlan plan = plan(new Fetched(signed(KEY, 2, SOON, "2")), signed(KEY, 1, SOON, "1"));

        assertStays(plan, 1, Reason.CatalogKeyInvalid);
        assertThat(plan.notCurrent().orElseThrow().message()).contains("spec.publicKeys[1]");
    }

    @Test
    void aDamagedSecretIsOverwrittenByTheNextGoodCatalog() {
        SignedContent second = signed(KEY, 2, SOON, "2");
        CatalogPlan plan = plan(new Fetched(second), new SignedContent("x".getBytes(UTF_8), "x"));

        assertThat(plan.cache()).contains(second);
        assertInForce(plan, 2);
    }

    @Test
    void theStatusNamesTheCatalogInForceAndWhyTheNewestIsNot() {
        CatalogFacts facts = facts(new Fetched(signed(KEY, 1, SOON, "1")), signed(KEY, 2, SOON, "2"));
        ImageCatalogStatus status = CatalogStatus.of(facts, CatalogPlan.of(facts));

        assertThat(status.inForce().serial()).isEqualTo(2);
        assertThat(condition(status, ConditionType.Ready)).isEqualTo("True CatalogInForce");
        assertThat(condition(status, ConditionType.Current)).isEqualTo("False CatalogOlder");
        assertThat(CatalogEvents.of(Optional.empty(), status).stream().map(EventDraft::reason))
                .containsExactly(Reason.CatalogInForce, Reason.CatalogOlder);
        assertThat(CatalogEvents.of(Optional.of(status), status)).isEmpty();
    }

    @Test
    void aCatalogThatExpiresCausesAnEvent() {
        CatalogFacts good = facts(new Fetched(signed(KEY, 1, SOON, "1")), null);
        CatalogFacts bad = facts(new Unavailable(Reason.CatalogUnreachable, "gone"), signed(KEY, 1, PAST, "1"));

        assertThat(CatalogEvents.of(
                                Optional.of(CatalogStatus.of(good, CatalogPlan.of(good))),
                                CatalogStatus.of(bad, CatalogPlan.of(bad)))
                        .stream()
                        .map(EventDraft::reason))
                .containsExactly(Reason.CatalogExpired, Reason.CatalogUnreachable);
    }

    private static String condition(ImageCatalogStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type)
                .map(condition -> condition.getStatus() + " " + condition.getReason())
                .orElseThrow();
    }

    private static void assertStays(CatalogPlan plan, long serial, Reason reason) {
        assertThat(plan.cache()).isEmpty();
        assertInForce(plan, serial);
        assertThat(plan.notCurrent().map(Bad::reason)).contains(reason);
    }

    private static void assertInForce(CatalogPlan plan, long serial) {
        assertThat(plan.inForce().map(Good::catalog).map(catalog -> catalog.serial()))
                .contains(serial);
        assertThat(plan.notInForce()).isEmpty();
    }

    private CatalogPlan plan(FetchResult fetched, SignedContent cached) {
        return CatalogPlan.of(facts(fetched, cached));
    }

    private CatalogFacts facts(FetchResult fetched, SignedContent cached) {
        ImageCatalog catalog = new ImageCatalog();
        catalog.setMetadata(
                new ObjectMetaBuilder().withName("contoso").withUid("uid").build());
        catalog.setSpec(new ImageCatalogSpec(
                CatalogText.NAME, publicKeys, new ImageCatalogSpec.Source(new ObjectRef("contoso-images"), null)));
        Optional<Secret> secret =
                Optional.ofNullable(cached).map(signed -> CachedCatalog.secret(catalog, "ns", signed));
        return new CatalogFacts(catalog, SignerKeys.of(publicKeys), fetched, secret, NOW);
    }

    private static SignedContent signed(CatalogSigningKey key, long serial, String expires, String version) {
        return signed(key, CatalogText.of(serial, expires, CatalogText.image("p", "s", version, DIGEST)));
    }

    private static SignedContent signed(CatalogSigningKey key, byte[] content) {
        return new SignedContent(content, key.sign(content));
    }
}
