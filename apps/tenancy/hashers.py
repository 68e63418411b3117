"""Password hashing: Argon2id at the OWASP setting (19 MiB, 2 passes, 1 lane; Password Storage Cheat Sheet)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id, m=19456 KiB, t=2, p=1."""

    memory_cost = 19456
    time_cost = 2
    parallelism = 1
