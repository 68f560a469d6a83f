"""What stands between a clean clone and a site worth looking at."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.urls import reverse

from articles.models import Article

ADMIN_NAME = "admin"


class Command(BaseCommand):
    help = (
        "Prepare the local copy that `make run` starts: bring the database up to date and, on the very first "
        "start, fill it with demonstration content and make an administrator. Later starts change nothing."
    )

    def handle(self, **options):
        call_command("migrate", verbosity=0)
        users = get_user_model().objects
        if not users.exists() and not Article.objects.exists():
            self.stdout.write("First start: writing the demonstration content …")
            call_command("seed_demo", stdout=self.stdout)
        if not users.filter(is_superuser=True).exists():
            self.make_admin()
        self.stdout.write(
            self.style.SUCCESS(
                f"\nAfterword is at {settings.SITE_URL}/\n"
                f"The admin is at  {settings.SITE_URL}{reverse('admin:index')}{self.sign_in()}\n"
                "Stop with Ctrl+C.\n"
            )
        )
        # The server takes this process's place: what is still buffered would be lost.
        self.stdout.flush()

    @property
    def password_file(self):
        return settings.BASE_DIR / "var" / "admin-password.txt"

    def make_admin(self):
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser(ADMIN_NAME, "admin@example.org", password)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password + "\n")

    def sign_in(self):
        """Return the words that name the generated password, as long as it is still in force."""
        if not self.password_file.exists():
            return ""
        password = self.password_file.read_text().strip()
        admin = get_user_model().objects.filter(username=ADMIN_NAME).first()
        if admin is None or not admin.check_password(password):
            return ""
        return f"  (user {ADMIN_NAME}, password {password})"
