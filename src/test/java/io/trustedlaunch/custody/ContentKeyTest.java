package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.RsaKeys;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The keys that contents are encrypted with: drawn anew for each message, wrapped for one recipient, overwritten. */
class ContentKeyTest {
    private static final byte[] CONTENT = "a content".getBytes(UTF_8);

    private final SecureRandom random = new SecureRandom();
    private final GuestStateKey guestStateKey =
            ProtectionKey.generate(random).guestStateKey(UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11"));

    @Test
    void eachGuestStateHasAContentKeyOfItsOwn() throws Exception {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            KeyWrappedStructure sealed =
                    KeyWrappedStructure.parse(KeyWrappedMessage.seal(CONTENT, guestStateKey, random));
            keys.add(HexFormat.of().formatHex(KeyWrap.unwrap(sealed.wrappedKey(), guestStateKey.bytes())));
        }

        assertThat(keys).hasSize(3);
    }

    @Test
    void eachRecoveryMessageHasAContentKeyOfItsOwn() throws Exception {
        KeyPair pair = EllipticCurve.newPair(random);
        Set<String> keys = new HashSet<>();
        Set<String> points = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            AgreedKey wrapped = agreed(RecoveryMessage.seal(CONTENT, pair.getPublic(), random));
            keys.add(HexFormat.of().formatHex(wrapped.unwrap(pair.getPrivate())));
            points.add(HexFormat.of().formatHex(wrapped.ephemeralPoint()));
        }

        assertThat(keys).hasSize(3);
        assertThat(points).as("ephemeral keys").hasSize(3);
    }

    @Test
    void aContentKeyIsOverwrittenOnceItIsWrapped() {
        Recording ofState = new Recording();
        KeyWrappedMessage.seal(CONTENT, guestStateKey, ofState);
        Recording ofRecovery = new Recording();
        RecoveryMessage.seal(CONTENT, EllipticCurve.newPair(random).getPublic(), ofRecovery);

        for (Recording recorded : List.of(ofState, ofRecovery)) {
            byte[] contentKey = recorded.filled.getFirst();
            assertThat(contentKey).hasSize(AuthenticatedContent.KEY_BYTES).containsOnly(0);
        }
    }

    @ParameterizedTest
    @EnumSource(NamedCurve.class)
    void anAgreedKeyUnwrapsForItsRecipientOnly(NamedCurve curve) throws Exception {
        KeyPair recipient = curve.newPair(random);
        byte[] contentKey = new byte[AuthenticatedContent.KEY_BYTES];
        random.nextBytes(contentKey);

        AgreedKey wrapped = AgreedKey.wrap(contentKey, (ECPublicKey) recipient.getPublic(), random);

        assertThat(wrapped.curve()).isEqualTo(curve);
        assertThat(wrapped.unwrap(recipient.getPrivate())).isEqualTo(contentKey);
        assertThatThrownBy(() -> wrapped.unwrap(curve.newPair(random).getPrivate()))
                .isInstanceOf(GeneralSecurityException.class);
    }

    /** A point off the curve would give away bits of the recipient's key (an invalid-curve attack). */
    @ParameterizedTest
    @EnumSource(NamedCurve.class)
    void aPointThatIsNotOnTheCurveIsRefused(NamedCurve curve) {
        KeyPair recipient = curve.newPair(random);
        AgreedKey wrapped =
                AgreedKey.wrap(new byte[AuthenticatedContent.KEY_BYTES], (ECPublicKey) recipient.getPublic(), random);
        byte[] point = wrapped.ephemeralPoint().clone();
        point[point.length - 1] ^= 1;
        byte[] zero = new byte[point.length];
        zero[0] = 4;

        for (byte[] bad : List.of(point, zero, new byte[1])) {
            AgreedKey invalid = new AgreedKey(curve, wrapped.keyIdentifier(), bad, wrapped.wrappedKey());
            assertThatThrownBy(() -> invalid.unwrap(recipient.getPrivate()))
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void aPointHasOneEncoding() throws Exception {
        byte[] point = agreed(RecoveryMessage.seal(
                        CONTENT, EllipticCurve.newPair(random).getPublic(), random))
                .ephemeralPoint();
        byte[] hybrid = point.clone();
        hybrid[0] = (byte) (6 + (point[64] & 1));
        byte[] padded = point.clone();
        padded[64] &= (byte) 0xfe;

        assertThat(NamedCurve.P_256.point(new DERBitString(point))).isEqualTo(point);
        for (DERBitString other : List.of(
                new DERBitString(hybrid),
                new DERBitString(padded, 1),
                new DERBitString(Arrays.copyOf(point, 33)),
                new DERBitString(Arrays.copyOf(point, 66)),
                new DERBitString(new byte[0]))) {
            assertThatThrownBy(() -> NamedCurve.P_256.point(other)).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> NamedCurve.P_384.point(new DERBitString(point)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aTransportedKeyHas256Bits() throws Exception {
        KeyPair recipient = RsaKeys.make(3072);
        RSAPublicKey publicKey = (RSAPublicKey) recipient.getPublic();
        byte[] contentKey = new byte[AuthenticatedContent.KEY_BYTES];
        random.nextBytes(contentKey);

        assertThat(TransportedKey.wrap(contentKey, publicKey, random).unwrap(recipient.getPrivate()))
                .isEqualTo(contentKey);
        for (int length : new int[] {0, 16, 31, 33}) {
            TransportedKey other = TransportedKey.wrap(new byte[length], publicKey, random);
            assertThatThrownBy(() -> other.unwrap(recipient.getPrivate())).isInstanceOf(InvalidKeyException.class);
        }
    }

    private static AgreedKey agreed(byte[] message) throws IOException {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(message).getContent());
        return (AgreedKey) WrappedContentKey.parse(
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0)));
    }

    /** Keeps the arrays that it filled. */
    private static final class Recording extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient List<byte[]> filled = new ArrayList<>();

        @Override
        public void nextBytes(byte[] bytes) {
            super.nextBytes(bytes);
            filled.add(bytes);
        }
    }
}
