"""Team and change: roles and who plays them, and everything that helps people take up the change

Revision: 2026_11_22_team_and_change, after 2026_11_21_core
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_team_and_change'
down_revision = '2026_11_21_core'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('person_skill',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('skill', sa.String(length=40), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['person.id'], name=op.f('fk_person_skill_changed_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_skill_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'skill', name=op.f('pk_person_skill'))
    )
    op.create_table('calendar_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_feed_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_calendar_feed_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash'))
    )
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.create_index('ix_calendar_feed_person_id', ['person_id', 'program_id'], unique=False)

    op.create_table('change_limits',
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('amber_from', sa.Integer(), nullable=False),
    sa.Column('red_from', sa.Integer(), nullable=False),
    sa.Column('people_per_ambassador', sa.Integer(), nullable=False),
    sa.Column('people_per_super_user', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_change_limits_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('program_id', name=op.f('pk_change_limits'))
    )
    op.create_table('coaching',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('coach_id', sa.Integer(), nullable=True),
    sa.Column('topic', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_coaching_coach_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_coaching_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_coaching_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_coaching_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coaching'))
    )
    with op.batch_alter_table('coaching', schema=None) as batch_op:
        batch_op.create_index('ix_coaching_coach_id', ['coach_id'], unique=False)
        batch_op.create_index('ix_coaching_person_id', ['person_id'], unique=False)
        batch_op.create_index('ix_coaching_program_id', ['program_id', 'state'], unique=False)

    op.create_table('job_aid',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_job_aid_owner_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_job_aid_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_aid'))
    )
    with op.batch_alter_table('job_aid', schema=None) as batch_op:
        batch_op.create_index('ix_job_aid_program_id', ['program_id', 'kind'], unique=False)

    op.create_table('model_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_model_choice_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_model_choice_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_choice'))
    )
    with op.batch_alter_table('model_choice', schema=None) as batch_op:
        batch_op.create_index('ix_model_choice_program_id', ['program_id', 'decided_on', 'id'], unique=False)

    op.create_table('other_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_other_change_date_order')),
    sa.CheckConstraint('weight BETWEEN 0 AND 5', name=op.f('ck_other_change_weight')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_other_change_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_other_change'))
    )
    with op.batch_alter_table('other_change', schema=None) as batch_op:
        batch_op.create_index('ix_other_change_program_id', ['program_id', 'starts_on'], unique=False)

    op.create_table('program_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('purpose', sa.String(length=500), nullable=False),
    sa.Column('responsibilities', sa.Text(), nullable=False),
    sa.Column('share_low', sa.Integer(), nullable=True),
    sa.Column('share_high', sa.Integer(), nullable=True),
    sa.Column('skills', sa.JSON(), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('share_low IS NULL OR (share_low >= 0 AND share_low <= share_high)', name=op.f('ck_program_role_share_order')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_program_role_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_role')),
    sa.UniqueConstraint('program_id', 'key', name=op.f('uq_program_role_program_id_key'))
    )
    op.create_table('ritual',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('rhythm', sa.String(length=12), nullable=False),
    sa.Column('every', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.Column('starts_at_minute', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('agenda', sa.Text(), nullable=False),
    sa.Column('organiser_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('last_on IS NULL OR last_on >= first_on', name=op.f('ck_ritual_date_order')),
    sa.CheckConstraint('minutes BETWEEN 5 AND 1440', name=op.f('ck_ritual_minutes')),
    sa.CheckConstraint('starts_at_minute BETWEEN 0 AND 1439', name=op.f('ck_ritual_starts_at_minute')),
    sa.ForeignKeyConstraint(['organiser_id'], ['person.id'], name=op.f('fk_ritual_organiser_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_ritual_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ritual'))
    )
    with op.batch_alter_table('ritual', schema=None) as batch_op:
        batch_op.create_index('ix_ritual_organiser_id', ['organiser_id'], unique=False)
        batch_op.create_index('ix_ritual_program_id', ['program_id'], unique=False)

    op.create_table('assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('share', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('in_pilot_team', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_assignment_date_order')),
    sa.CheckConstraint('share BETWEEN 1 AND 100', name=op.f('ck_assignment_share')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assignment_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_assignment_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['program_role.id'], name=op.f('fk_assignment_role_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_person_id', ['person_id', 'starts_on'], unique=False)
        batch_op.create_index('ix_assignment_program_id', ['program_id', 'role_id'], unique=False)

    op.create_table('go_live',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_go_live_phase_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_go_live_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_go_live'))
    )
    with op.batch_alter_table('go_live', schema=None) as batch_op:
        batch_op.create_index('ix_go_live_program_id', ['program_id', 'on_date'], unique=False)

    op.create_table('ritual_meeting',
    sa.Column('ritual_id', sa.Integer(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('moved_to', sa.Date(), nullable=True),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['noted_by_id'], ['person.id'], name=op.f('fk_ritual_meeting_noted_by_id')),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_ritual_meeting_phase_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['ritual_id'], ['ritual.id'], name=op.f('fk_ritual_meeting_ritual_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ritual_id', 'planned_on', name=op.f('pk_ritual_meeting'))
    )
    with op.batch_alter_table('ritual_meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ritual_meeting_phase_id'), ['phase_id'], unique=False)

    op.create_table('ritual_person',
    sa.Column('ritual_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_ritual_person_person_id')),
    sa.ForeignKeyConstraint(['ritual_id'], ['ritual.id'], name=op.f('fk_ritual_person_ritual_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ritual_id', 'person_id', name=op.f('pk_ritual_person'))
    )
    with op.batch_alter_table('ritual_person', schema=None) as batch_op:
        batch_op.create_index('ix_ritual_person_person_id', ['person_id'], unique=False)

    op.create_table('skill_need',
    sa.Column('phase_id', sa.Integer(), nullable=False),
    sa.Column('skill', sa.String(length=40), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_skill_need_phase_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_skill_need_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('phase_id', 'skill', name=op.f('pk_skill_need'))
    )
    with op.batch_alter_table('skill_need', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_skill_need_program_id'), ['program_id'], unique=False)

    op.create_table('impacted_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('name_folded', sa.String(length=240), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('site', sa.String(length=120), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('headcount', sa.Integer(), nullable=False),
    sa.Column('representative_id', sa.Integer(), nullable=True),
    sa.Column('go_live_id', sa.Integer(), nullable=True),
    sa.Column('training_target', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('headcount >= 0', name=op.f('ck_impacted_group_headcount')),
    sa.CheckConstraint('training_target BETWEEN 0 AND 100', name=op.f('ck_impacted_group_training_target')),
    sa.ForeignKeyConstraint(['go_live_id'], ['go_live.id'], name=op.f('fk_impacted_group_go_live_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_impacted_group_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['representative_id'], ['person.id'], name=op.f('fk_impacted_group_representative_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_impacted_group')),
    sa.UniqueConstraint('program_id', 'name_folded', name=op.f('uq_impacted_group_program_id_name_folded'))
    )
    with op.batch_alter_table('impacted_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_impacted_group_go_live_id'), ['go_live_id'], unique=False)

    op.create_table('training_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('audience', sa.String(length=12), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('go_live_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('trainer_id', sa.Integer(), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('capacity >= 1', name=op.f('ck_training_session_capacity')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_training_session_time_order')),
    sa.ForeignKeyConstraint(['go_live_id'], ['go_live.id'], name=op.f('fk_training_session_go_live_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_training_session_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['trainer_id'], ['person.id'], name=op.f('fk_training_session_trainer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_session'))
    )
    with op.batch_alter_table('training_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_session_go_live_id'), ['go_live_id'], unique=False)
        batch_op.create_index('ix_training_session_program_id', ['program_id', 'starts_at'], unique=False)
        batch_op.create_index('ix_training_session_trainer_id', ['trainer_id'], unique=False)

    op.create_table('adoption_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('value BETWEEN 0 AND 100', name=op.f('ck_adoption_reading_value')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['person.id'], name=op.f('fk_adoption_reading_entered_by_id')),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_adoption_reading_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_adoption_reading_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adoption_reading')),
    sa.UniqueConstraint('group_id', 'measure', 'on_date', name=op.f('uq_adoption_reading_group_id_measure_on_date'))
    )
    with op.batch_alter_table('adoption_reading', schema=None) as batch_op:
        batch_op.create_index('ix_adoption_reading_program_id', ['program_id', 'on_date'], unique=False)

    op.create_table('communication',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('message', sa.String(length=200), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('audience', sa.String(length=200), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('go_live_id', sa.Integer(), nullable=True),
    sa.Column('medium', sa.String(length=10), nullable=False),
    sa.Column('sender_id', sa.Integer(), nullable=True),
    sa.Column('step', sa.String(length=60), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['go_live_id'], ['go_live.id'], name=op.f('fk_communication_go_live_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_communication_group_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_communication_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sender_id'], ['person.id'], name=op.f('fk_communication_sender_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_communication'))
    )
    with op.batch_alter_table('communication', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_communication_go_live_id'), ['go_live_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_communication_group_id'), ['group_id'], unique=False)
        batch_op.create_index('ix_communication_program_id', ['program_id', 'planned_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_communication_sender_id'), ['sender_id'], unique=False)

    op.create_table('group_impact',
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('aspect', sa.String(length=20), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.CheckConstraint('level BETWEEN 0 AND 5', name=op.f('ck_group_impact_level')),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_group_impact_group_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'aspect', name=op.f('pk_group_impact'))
    )
    op.create_table('group_member',
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('belongs', sa.Boolean(), nullable=False),
    sa.Column('is_ambassador', sa.Boolean(), nullable=False),
    sa.Column('is_super_user', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_group_member_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_group_member_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_group_member_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'person_id', name=op.f('pk_group_member'))
    )
    with op.batch_alter_table('group_member', schema=None) as batch_op:
        batch_op.create_index('ix_group_member_person_id', ['person_id', 'program_id'], unique=False)
        batch_op.create_index('ix_group_member_program_id', ['program_id', 'group_id'], unique=False)

    op.create_table('other_change_group',
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_other_change_group_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['other_change.id'], name=op.f('fk_other_change_group_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('other_id', 'group_id', name=op.f('pk_other_change_group'))
    )
    with op.batch_alter_table('other_change_group', schema=None) as batch_op:
        batch_op.create_index('ix_other_change_group_group_id', ['group_id'], unique=False)

    op.create_table('training_group',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.CheckConstraint('counted >= 0', name=op.f('ck_training_group_counted')),
    sa.ForeignKeyConstraint(['group_id'], ['impacted_group.id'], name=op.f('fk_training_group_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['training_session.id'], name=op.f('fk_training_group_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'group_id', name=op.f('pk_training_group'))
    )
    with op.batch_alter_table('training_group', schema=None) as batch_op:
        batch_op.create_index('ix_training_group_group_id', ['group_id'], unique=False)

    op.create_table('training_seat',
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_training_seat_person_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_training_seat_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['training_session.id'], name=op.f('fk_training_seat_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'person_id', name=op.f('pk_training_seat'))
    )
    with op.batch_alter_table('training_seat', schema=None) as batch_op:
        batch_op.create_index('ix_training_seat_person_id', ['person_id', 'state'], unique=False)
        batch_op.create_index('ix_training_seat_program_id', ['program_id', 'state', 'person_id'], unique=False)

    op.create_table('change_plan_item',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('go_live_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['go_live_id'], ['go_live.id'], name=op.f('fk_change_plan_item_go_live_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_change_plan_item_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_change_plan_item_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_change_plan_item')),
    sa.UniqueConstraint('go_live_id', 'step', name=op.f('uq_change_plan_item_go_live_id_step'))
    )
    with op.batch_alter_table('change_plan_item', schema=None) as batch_op:
        batch_op.create_index('ix_change_plan_item_program_id', ['program_id'], unique=False)

    op.create_table('idea',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('title_folded', sa.String(length=400), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('proposer_id', sa.Integer(), nullable=True),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stage_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_idea_item_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_idea_owner_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_idea_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposer_id'], ['person.id'], name=op.f('fk_idea_proposer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea')),
    sa.UniqueConstraint('program_id', 'number', name=op.f('uq_idea_program_id_number'))
    )
    with op.batch_alter_table('idea', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idea_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_idea_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('ix_idea_program_id', ['program_id', 'stage', 'created_at'], unique=False)
        batch_op.create_index('ix_idea_proposer_id', ['proposer_id', 'program_id'], unique=False)

    op.create_table('raci_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('phase_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('(phase_id IS NULL) = (item_id IS NOT NULL)', name=op.f('ck_raci_row_place')),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_raci_row_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_raci_row_phase_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_raci_row_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_raci_row')),
    sa.UniqueConstraint('item_id', name=op.f('uq_raci_row_item_id'))
    )
    with op.batch_alter_table('raci_row', schema=None) as batch_op:
        batch_op.create_index('ix_raci_row_program_id', ['program_id', 'phase_id', 'position'], unique=False)
        batch_op.create_index('uq_raci_row_phase', ['phase_id'], unique=True, sqlite_where=sa.text("item_id IS NULL AND name = ''"), postgresql_where=sa.text("item_id IS NULL AND name = ''"))

    op.create_table('ab_test',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('hypothesis', sa.String(length=500), nullable=False),
    sa.Column('metric', sa.String(length=120), nullable=False),
    sa.Column('group_a', sa.String(length=200), nullable=False),
    sa.Column('group_b', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('result_a', sa.String(length=60), nullable=False),
    sa.Column('result_b', sa.String(length=60), nullable=False),
    sa.Column('verdict', sa.String(length=15), nullable=False),
    sa.Column('conclusion', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_ab_test_created_by_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_ab_test_idea_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_ab_test_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_test'))
    )
    with op.batch_alter_table('ab_test', schema=None) as batch_op:
        batch_op.create_index('ix_ab_test_idea_id', ['idea_id'], unique=False)
        batch_op.create_index('ix_ab_test_program_id', ['program_id', 'starts_on'], unique=False)

    op.create_table('idea_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_idea_step_by_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_step_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idea_step'))
    )
    with op.batch_alter_table('idea_step', schema=None) as batch_op:
        batch_op.create_index('ix_idea_step_idea_id', ['idea_id', 'at'], unique=False)

    op.create_table('idea_support',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_idea_support_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_idea_support_person_id')),
    sa.PrimaryKeyConstraint('idea_id', 'person_id', name=op.f('pk_idea_support'))
    )
    op.create_table('proof',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('body', sa.String(length=600), nullable=False),
    sa.Column('figure', sa.String(length=60), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('url_label', sa.String(length=200), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('is_pinned', sa.Boolean(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_proof_author_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_proof_idea_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_proof_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof'))
    )
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_idea_id'), ['idea_id'], unique=False)
        batch_op.create_index('ix_proof_program_id', ['program_id', 'happened_on'], unique=False)

    op.create_table('raci_mark',
    sa.Column('row_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(length=2), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['program_role.id'], name=op.f('fk_raci_mark_role_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['row_id'], ['raci_row.id'], name=op.f('fk_raci_mark_row_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('row_id', 'role_id', name=op.f('pk_raci_mark'))
    )
    with op.batch_alter_table('raci_mark', schema=None) as batch_op:
        batch_op.create_index('ix_raci_mark_role_id', ['role_id', 'row_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('raci_mark', schema=None) as batch_op:
        batch_op.drop_index('ix_raci_mark_role_id')

    op.drop_table('raci_mark')
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.drop_index('ix_proof_program_id')
        batch_op.drop_index(batch_op.f('ix_proof_idea_id'))

    op.drop_table('proof')
    op.drop_table('idea_support')
    with op.batch_alter_table('idea_step', schema=None) as batch_op:
        batch_op.drop_index('ix_idea_step_idea_id')

    op.drop_table('idea_step')
    with op.batch_alter_table('ab_test', schema=None) as batch_op:
        batch_op.drop_index('ix_ab_test_program_id')
        batch_op.drop_index('ix_ab_test_idea_id')

    op.drop_table('ab_test')
    with op.batch_alter_table('raci_row', schema=None) as batch_op:
        batch_op.drop_index('uq_raci_row_phase')
        batch_op.drop_index('ix_raci_row_program_id')

    op.drop_table('raci_row')
    with op.batch_alter_table('idea', schema=None) as batch_op:
        batch_op.drop_index('ix_idea_proposer_id')
        batch_op.drop_index('ix_idea_program_id')
        batch_op.drop_index(batch_op.f('ix_idea_owner_id'))
        batch_op.drop_index(batch_op.f('ix_idea_item_id'))

    op.drop_table('idea')
    with op.batch_alter_table('change_plan_item', schema=None) as batch_op:
        batch_op.drop_index('ix_change_plan_item_program_id')

    op.drop_table('change_plan_item')
    with op.batch_alter_table('training_seat', schema=None) as batch_op:
        batch_op.drop_index('ix_training_seat_program_id')
        batch_op.drop_index('ix_training_seat_person_id')

    op.drop_table('training_seat')
    with op.batch_alter_table('training_group', schema=None) as batch_op:
        batch_op.drop_index('ix_training_group_group_id')

    op.drop_table('training_group')
    with op.batch_alter_table('other_change_group', schema=None) as batch_op:
        batch_op.drop_index('ix_other_change_group_group_id')

    op.drop_table('other_change_group')
    with op.batch_alter_table('group_member', schema=None) as batch_op:
        batch_op.drop_index('ix_group_member_program_id')
        batch_op.drop_index('ix_group_member_person_id')

    op.drop_table('group_member')
    op.drop_table('group_impact')
    with op.batch_alter_table('communication', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_communication_sender_id'))
        batch_op.drop_index('ix_communication_program_id')
        batch_op.drop_index(batch_op.f('ix_communication_group_id'))
        batch_op.drop_index(batch_op.f('ix_communication_go_live_id'))

    op.drop_table('communication')
    with op.batch_alter_table('adoption_reading', schema=None) as batch_op:
        batch_op.drop_index('ix_adoption_reading_program_id')

    op.drop_table('adoption_reading')
    with op.batch_alter_table('training_session', schema=None) as batch_op:
        batch_op.drop_index('ix_training_session_trainer_id')
        batch_op.drop_index('ix_training_session_program_id')
        batch_op.drop_index(batch_op.f('ix_training_session_go_live_id'))

    op.drop_table('training_session')
    with op.batch_alter_table('impacted_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_impacted_group_go_live_id'))

    op.drop_table('impacted_group')
    with op.batch_alter_table('skill_need', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_skill_need_program_id'))

    op.drop_table('skill_need')
    with op.batch_alter_table('ritual_person', schema=None) as batch_op:
        batch_op.drop_index('ix_ritual_person_person_id')

    op.drop_table('ritual_person')
    with op.batch_alter_table('ritual_meeting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ritual_meeting_phase_id'))

    op.drop_table('ritual_meeting')
    with op.batch_alter_table('go_live', schema=None) as batch_op:
        batch_op.drop_index('ix_go_live_program_id')

    op.drop_table('go_live')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_assignment_program_id')
        batch_op.drop_index('ix_assignment_person_id')

    op.drop_table('assignment')
    with op.batch_alter_table('ritual', schema=None) as batch_op:
        batch_op.drop_index('ix_ritual_program_id')
        batch_op.drop_index('ix_ritual_organiser_id')

    op.drop_table('ritual')
    op.drop_table('program_role')
    with op.batch_alter_table('other_change', schema=None) as batch_op:
        batch_op.drop_index('ix_other_change_program_id')

    op.drop_table('other_change')
    with op.batch_alter_table('model_choice', schema=None) as batch_op:
        batch_op.drop_index('ix_model_choice_program_id')

    op.drop_table('model_choice')
    with op.batch_alter_table('job_aid', schema=None) as batch_op:
        batch_op.drop_index('ix_job_aid_program_id')

    op.drop_table('job_aid')
    with op.batch_alter_table('coaching', schema=None) as batch_op:
        batch_op.drop_index('ix_coaching_program_id')
        batch_op.drop_index('ix_coaching_person_id')
        batch_op.drop_index('ix_coaching_coach_id')

    op.drop_table('coaching')
    op.drop_table('change_limits')
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.drop_index('ix_calendar_feed_person_id')

    op.drop_table('calendar_feed')
    op.drop_table('person_skill')
