"""Pulse: surveys, rounds, and what is kept of answers

Revision: 2026_11_22_pulse, after 2026_11_22_waits
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_pulse'
down_revision = '2026_11_22_waits'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('survey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('cadence', sa.JSON(), nullable=False),
    sa.Column('days_open', sa.Integer(), nullable=False),
    sa.Column('questions_a_round', sa.Integer(), nullable=False),
    sa.Column('audience', sa.JSON(), nullable=False),
    sa.Column('breakdown', sa.String(length=20), nullable=False),
    sa.Column('scores_from', sa.Integer(), nullable=False),
    sa.Column('comments_from', sa.Integer(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('days_open BETWEEN 1 AND 14', name=op.f('ck_survey_days_open')),
    sa.CheckConstraint('questions_a_round BETWEEN 1 AND 5', name=op.f('ck_survey_questions_a_round')),
    sa.CheckConstraint('scores_from >= 3 AND comments_from >= scores_from', name=op.f('ck_survey_limits')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_survey_created_by_id')),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_survey_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey')),
    sa.UniqueConstraint('program_id', name=op.f('uq_survey_program_id'))
    )
    with op.batch_alter_table('survey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_next_at'), ['next_at'], unique=False)

    op.create_table('survey_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('bank_key', sa.String(length=60), nullable=False),
    sa.Column('theme', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('text_en', sa.String(length=200), nullable=False),
    sa.Column('text_pl', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_survey_question_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_survey_question_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_question'))
    )
    with op.batch_alter_table('survey_question', schema=None) as batch_op:
        batch_op.create_index('ix_survey_question_survey_id', ['survey_id', 'position'], unique=False)

    op.create_table('survey_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('meant_for', sa.Date(), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('scores_from', sa.Integer(), nullable=False),
    sa.Column('comments_from', sa.Integer(), nullable=False),
    sa.Column('breakdown', sa.String(length=20), nullable=False),
    sa.Column('reminded', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('secret', sa.LargeBinary(length=32), nullable=True),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_survey_round_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_survey_round_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_round')),
    sa.UniqueConstraint('survey_id', 'meant_for', name=op.f('uq_survey_round_survey_id_meant_for'))
    )
    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.create_index('ix_survey_round_closes_at', ['closed_on', 'closes_at'], unique=False)
        batch_op.create_index('ix_survey_round_program_id', ['program_id', 'number'], unique=False)

    op.create_table('survey_asked',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_survey_asked_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['round_id'], ['survey_round.id'], name=op.f('fk_survey_asked_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('round_id', 'person_id', name=op.f('pk_survey_asked')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('survey_asked', schema=None) as batch_op:
        batch_op.create_index('ix_survey_asked_person_id', ['person_id'], unique=False)

    op.create_table('survey_comment',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('theme', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['survey_question.id'], name=op.f('fk_survey_comment_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['round_id'], ['survey_round.id'], name=op.f('fk_survey_comment_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_comment')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('survey_comment', schema=None) as batch_op:
        batch_op.create_index('ix_survey_comment_round_id', ['round_id', 'id'], unique=False)

    op.create_table('survey_open_answer',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('respondent', sa.String(length=64), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['survey_question.id'], name=op.f('fk_survey_open_answer_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['round_id'], ['survey_round.id'], name=op.f('fk_survey_open_answer_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('round_id', 'respondent', 'question_id', name=op.f('pk_survey_open_answer')),
    sqlite_with_rowid=False
    )
    op.create_table('survey_result',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=60), nullable=False),
    sa.Column('part_name', sa.String(length=120), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_survey_result_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['survey_question.id'], name=op.f('fk_survey_result_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['round_id'], ['survey_round.id'], name=op.f('fk_survey_result_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_result')),
    sa.UniqueConstraint('round_id', 'question_id', 'part', name=op.f('uq_survey_result_round_id_question_id_part'))
    )
    with op.batch_alter_table('survey_result', schema=None) as batch_op:
        batch_op.create_index('ix_survey_result_program_id', ['program_id', 'round_id'], unique=False)

    op.create_table('survey_turnout',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=60), nullable=False),
    sa.Column('part_name', sa.String(length=120), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['survey_round.id'], name=op.f('fk_survey_turnout_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('round_id', 'part', name=op.f('pk_survey_turnout'))
    )
    op.create_table('survey_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('theme', sa.String(length=12), nullable=False),
    sa.Column('said', sa.String(length=300), nullable=False),
    sa.Column('did', sa.String(length=600), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('seen_in_id', sa.Integer(), nullable=True),
    sa.Column('told_in_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_survey_reply_created_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['work_item.id'], name=op.f('fk_survey_reply_item_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_survey_reply_program_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['seen_in_id'], ['survey_round.id'], name=op.f('fk_survey_reply_seen_in_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['told_in_id'], ['survey_round.id'], name=op.f('fk_survey_reply_told_in_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_reply'))
    )
    with op.batch_alter_table('survey_reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_reply_item_id'), ['item_id'], unique=False)
        batch_op.create_index('ix_survey_reply_program_id', ['program_id', 'created_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('survey_reply', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_reply_program_id')
        batch_op.drop_index(batch_op.f('ix_survey_reply_item_id'))

    op.drop_table('survey_reply')
    op.drop_table('survey_turnout')
    with op.batch_alter_table('survey_result', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_result_program_id')

    op.drop_table('survey_result')
    op.drop_table('survey_open_answer')
    with op.batch_alter_table('survey_comment', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_comment_round_id')

    op.drop_table('survey_comment')
    with op.batch_alter_table('survey_asked', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_asked_person_id')

    op.drop_table('survey_asked')
    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_round_program_id')
        batch_op.drop_index('ix_survey_round_closes_at')

    op.drop_table('survey_round')
    with op.batch_alter_table('survey_question', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_question_survey_id')

    op.drop_table('survey_question')
    with op.batch_alter_table('survey', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_next_at'))

    op.drop_table('survey')
