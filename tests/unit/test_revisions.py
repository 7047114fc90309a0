"""What is known of the schema without Alembic is what Alembic knows."""

import subprocess
import sys

from alembic.script import ScriptDirectory

from bot.storage.migrate import alembic_config
from bot.storage.revisions import newest


def test_the_newest_revisions_are_alembics_heads() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert newest() == set(script.get_heads())


def test_the_program_does_not_import_alembic_before_it_has_to() -> None:
    look = "import sys, bot.serve; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", look], check=True)
